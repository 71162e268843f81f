// SPDX-License-Identifier: Apache-2.0

/// The cost of one call under each kind of watching.
struct LadderResult: Encodable {
    /// One rung and workload.
    struct Cell: Encodable {
        let rung: Rung
        let workload: Workload
        /// One a round, in nanoseconds.
        let samples: [Double]
        let median: Double
        /// More than with nothing attached, nanoseconds: the median of the rounds' differences.
        let added: Double
    }

    let rounds: Int
    let cells: [Cell]
    let targets: [Target]
    /// Rungs that could not be tried, and why.
    let missing: [String]

    /// From the samples of each rung and workload, one a round.
    init(rounds: Int, samples: [Rung: [Workload: [Double]]], missing: [String]) {
        func of(_ rung: Rung, _ workload: Workload) -> [Double] { samples[rung]?[workload] ?? [] }
        func added(_ rung: Rung, _ workload: Workload) -> [Double] {
            zip(of(rung, workload), of(.nothing, workload)).map { $0 - $1 }
        }
        self.rounds = rounds
        self.missing = missing
        cells = Rung.allCases.flatMap { rung in
            Workload.allCases.compactMap { workload in
                let all = of(rung, workload)
                guard let median = all.median, let more = added(rung, workload).median else { return nil }
                return Cell(rung: rung, workload: workload, samples: all, median: median, added: more)
            }
        }
        let hasPeer = samples[.bpftrace] != nil
        targets = Workload.allCases.flatMap { workload -> [Target] in
            let ours = added(.learning, workload).median ?? 0
            let empty = added(.empty, workload).median ?? 0
            let peer = added(.bpftrace, workload).median ?? 0
            let beyond = Target(
                "\(workload.rawValue): ours beyond empty / empty", empty > 0 ? (ours - empty) / empty : nil,
                atMost: 0.5, unit: "x")
            let all = Target(
                "\(workload.rawValue): ours all in / bpftrace's", peer > 0 ? ours / peer : nil, atMost: 0.6,
                unit: "x")
            return hasPeer ? [beyond, all] : [beyond]
        }
    }

    /// For people: nanoseconds a call, what that is more than nothing attached, and its multiple of the empty program's.
    var lines: [String] {
        var lines = ["Cost of a call, nanoseconds (added; times what the empty program adds), \(rounds) rounds:"]
        lines.append("  " + Text.left("", 42) + Workload.allCases.map { Text.right($0.rawValue, 27) }.joined())
        for rung in Rung.allCases {
            let row = Workload.allCases.compactMap { workload in cell(rung, workload).map { text(of: $0) } }
            guard !row.isEmpty else { continue }
            lines.append("  " + Text.left(rung.title, 42) + row.map { Text.right($0, 27) }.joined())
        }
        let nothing = Workload.allCases.compactMap { cell(.nothing, $0) }.map { cell in
            let ends = (cell.samples.min() ?? 0, cell.samples.max() ?? 0)
            return "\(Text.number(ends.0, digits: 0)) to \(Text.number(ends.1, digits: 0))"
        }
        lines.append(
            "  " + Text.left("(nothing attached, over the rounds)", 42) + nothing.map { Text.right($0, 27) }.joined())
        return lines + missing.map { "  not measured: \($0)" } + Target.lines(targets)
    }

    private func cell(_ rung: Rung, _ workload: Workload) -> Cell? {
        cells.first { $0.rung == rung && $0.workload == workload }
    }

    private func text(of cell: Cell) -> String {
        let median = Text.number(cell.median, digits: 0)
        guard cell.rung != .nothing else { return median }
        let added = Text.number(cell.added, digits: 0)
        guard let empty = self.cell(.empty, cell.workload)?.added, empty > 0 else { return "\(median) (+\(added))" }
        return "\(median) (+\(added); \(Text.number(cell.added / empty, digits: 2)) x)"
    }
}
