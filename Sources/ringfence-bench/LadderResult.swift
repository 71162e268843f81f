// SPDX-License-Identifier: Apache-2.0

/// The cost of one call under each kind of watching.
struct LadderResult: Encodable {
    /// One rung and workload.
    struct Cell: Encodable {
        let rung: Rung
        let workload: Workload
        /// The undisturbed cost, one a block, nanoseconds.
        let samples: [Double]
        let median: Double
        /// More than with nothing attached in the same block, nanoseconds.
        let added: Estimate
    }

    /// What the kernel's statistics say of the program on sys_enter, nanoseconds a run, two clock reads included.
    struct Run: Encodable {
        let workload: Workload
        let empty: Estimate
        let ours: Estimate
        let beyond: Estimate
    }

    let cells: [Cell]
    let runs: [Run]
    let targets: [Target]
    /// What could not be measured, and why.
    let missing: [String]
    /// Every batch of every block.
    let blocks: [BlockSamples]

    /// From what the blocks measured.
    init(blocks: [BlockSamples], missing: [String]) {
        self.blocks = blocks
        self.missing = missing
        let comparison = RungComparison(blocks: blocks)
        cells = Rung.allCases.flatMap { rung in
            Workload.allCases.compactMap { workload in
                let all = blocks.compactMap { $0.cost(rung, workload) }
                guard let median = all.median, let more = comparison.added(rung, workload) else { return nil }
                return Cell(rung: rung, workload: workload, samples: all, median: median, added: more)
            }
        }
        runs = Workload.allCases.compactMap { workload in
            guard let empty = Estimate(medianOf: blocks.compactMap { $0.run(.empty, workload) }),
                let ours = Estimate(medianOf: blocks.compactMap { $0.run(.learning, workload) }),
                let beyond = comparison.runBeyond(workload)
            else { return nil }
            return Run(workload: workload, empty: empty, ours: ours, beyond: beyond)
        }
        let hasPeer = blocks.contains { $0.cost(.bpftrace, .getppid) != nil }
        targets = [Rung.learning, .monitored].flatMap { rung in
            Workload.allCases.flatMap { workload -> [Target] in
                let name = "\(rung.rawValue), \(workload.rawValue): "
                let beyond = Target(
                    name + "beyond empty / empty", comparison.beyondEmpty(rung, workload), atMost: 0.5, unit: "x")
                let all = Target(
                    name + "all in / bpftrace's", comparison.ofPeer(rung, workload), atMost: 0.6, unit: "x")
                return hasPeer ? [beyond, all] : [beyond]
            }
        }
    }

    /// For people: nanoseconds a call, what is more than with nothing attached, its multiple of the empty program's.
    var lines: [String] {
        var lines = [
            "Cost of a call, nanoseconds (added; times what the empty program adds), \(blocks.count) blocks; "
                + "intervals of 95 %:"
        ]
        lines.append("  " + Text.left("", 42) + Workload.allCases.map { Text.right($0.rawValue, 27) }.joined())
        for rung in Rung.allCases {
            let row = Workload.allCases.compactMap { workload in cell(rung, workload).map { text(of: $0) } }
            guard !row.isEmpty else { continue }
            lines.append("  " + Text.left(rung.title, 42) + row.map { Text.right($0, 27) }.joined())
        }
        for (title, rung) in [
            ("(added by an empty program)", Rung.empty), ("(added by ringfence, learning)", .learning),
        ] {
            let row = Workload.allCases.compactMap { cell(rung, $0)?.added.text(digits: 0) }
            lines.append("  " + Text.left(title, 42) + row.map { Text.right($0, 27) }.joined())
        }
        lines += missing.map { "  not measured: \($0)" } + Target.lines(targets)
        guard !runs.isEmpty else { return lines }
        lines.append("  by the kernel's statistics, nanoseconds a run (two clock reads included, but in the last):")
        return lines
            + runs.map { run in
                let name = "  \(run.workload.rawValue): empty, ours, beyond empty"
                return "  " + Text.left(name, 46)
                    + [run.empty, run.ours, run.beyond].map { Text.right($0.text(digits: 1), 24) }.joined()
            }
    }

    private func cell(_ rung: Rung, _ workload: Workload) -> Cell? {
        cells.first { $0.rung == rung && $0.workload == workload }
    }

    private func text(of cell: Cell) -> String {
        let median = Text.number(cell.median, digits: 0)
        guard cell.rung != .nothing else { return median }
        let added = Text.number(cell.added.value, digits: 0)
        guard let empty = self.cell(.empty, cell.workload)?.added.value, empty > 0 else {
            return "\(median) (+\(added))"
        }
        return "\(median) (+\(added); \(Text.number(cell.added.value / empty, digits: 2)) x)"
    }
}
