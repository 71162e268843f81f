// SPDX-License-Identifier: Apache-2.0

/// The cost of one record on its way from the kernel's ring to the writer thread.
struct HotPathResult: Encodable {
    struct Row: Encodable {
        let replay: Replay
        /// The median batch's, on one core.
        let nanoseconds: Double
        /// Records that were sent in all batches.
        let records: Int
        /// In all batches.
        let allocations: Int
        /// A record; nil without valgrind.
        let instructions: Double?
        var perSecond: Double { nanoseconds > 0 ? 1e9 / nanoseconds : 0 }
    }

    let rows: [Row]
    let targets: [Target]
    /// What could not be measured, and why.
    let missing: [String]

    init(rows: [Row], missing: [String]) {
        self.rows = rows
        self.missing = missing
        targets = rows.flatMap { row in
            let name = row.replay.rawValue
            let instructions = row.instructions.map { Estimate(exactly: $0) }
            let budget = row.replay.target.map {
                Target("\(name): instructions a record", instructions, atMost: $0, unit: "")
            }
            return [budget].compactMap { $0 } + [
                Target("\(name): time a record", Estimate(exactly: row.nanoseconds), atMost: 100, unit: "ns"),
                Target(
                    "\(name): allocations", Estimate(exactly: Double(row.allocations)), atMost: 0, unit: ""),
            ]
        }
    }

    var lines: [String] {
        let head =
            "  " + Text.left("one record, one core", 50) + Text.right("ns", 9) + Text.right("million/s", 11)
            + Text.right("instructions", 14) + Text.right("allocations", 13)
        let table = rows.map { row in
            "  " + Text.left(row.replay.title, 50) + Text.right(Text.number(row.nanoseconds, digits: 2), 9)
                + Text.right(Text.number(row.perSecond / 1e6, digits: 1), 11)
                + Text.right(row.instructions.map { Text.number($0, digits: 1) } ?? "?", 14)
                + Text.right(String(row.allocations), 13)
        }
        return ["Hot path:", head] + table + missing.map { "  could not be measured: " + $0 } + Target.lines(targets)
    }
}
