// SPDX-License-Identifier: Apache-2.0

/// What was promised, beside what was measured.
struct Target: Encodable {
    /// Told by where the interval lies, never by the value alone, and undecided with too few blocks.
    enum Verdict: String, Encodable {
        case met
        case notMet = "not met"
        case undecided
    }

    let name: String
    /// Nil if it could not be told.
    let measured: Estimate?
    let limit: Double
    let unit: String
    /// Whether more is better.
    let isFloor: Bool
    let verdict: Verdict

    init(_ name: String, _ measured: Estimate?, atLeast limit: Double, unit: String) {
        self.name = name
        self.measured = measured
        self.limit = limit
        self.unit = unit
        isFloor = true
        verdict =
            switch measured {
            case .some(let estimate) where estimate.isTellable && estimate.low >= limit: .met
            case .some(let estimate) where estimate.isTellable && estimate.high < limit: .notMet
            default: .undecided
            }
    }

    init(_ name: String, _ measured: Estimate?, atMost limit: Double, unit: String) {
        self.name = name
        self.measured = measured
        self.limit = limit
        self.unit = unit
        isFloor = false
        verdict =
            switch measured {
            case .some(let estimate) where estimate.isTellable && estimate.high <= limit: .met
            case .some(let estimate) where estimate.isTellable && estimate.low > limit: .notMet
            default: .undecided
            }
    }

    /// The targets as lines of a table.
    static func lines(_ targets: [Target]) -> [String] {
        targets.map { target in
            let measured = target.measured?.text(digits: 2) ?? "?"
            let limit = Text.number(target.limit, digits: 2)
            return "  " + Text.left(target.name, 46) + Text.right(measured, 24)
                + " \(target.unit), at \(target.isFloor ? "least" : "most") \(limit): \(target.verdict.rawValue)"
        }
    }
}
