// SPDX-License-Identifier: Apache-2.0

/// What was promised, beside what was measured.
struct Target: Encodable {
    let name: String
    /// Nil if it could not be told, for noise above all.
    let measured: Double?
    let limit: Double
    let unit: String
    let isMet: Bool?

    init(_ name: String, _ measured: Double?, atMost limit: Double, unit: String) {
        self.name = name
        self.measured = measured
        self.limit = limit
        self.unit = unit
        isMet = measured.map { $0 <= limit }
    }

    /// The targets as lines of a table.
    static func lines(_ targets: [Target]) -> [String] {
        targets.map { target in
            let measured = target.measured.map { Text.number($0, digits: 2) } ?? "?"
            let limit = Text.number(target.limit, digits: 2)
            let verdict = target.isMet.map { $0 ? "met" : "NOT MET" } ?? "could not be told"
            return "  " + Text.left(target.name, 58) + Text.right(measured, 9) + " \(target.unit), at most "
                + "\(limit): \(verdict)"
        }
    }
}
