// SPDX-License-Identifier: Apache-2.0

/// What making a profile takes, and what a call costs under it.
struct FilterCostResult: Encodable {
    /// One time through, in milliseconds.
    struct Making: Encodable {
        let generate: Double
        let prove: Double
        /// Both files, flushed.
        let write: Double
        /// What of all that this process was on a processor.
        let processor: Double
        var all: Double { generate + prove + write }
    }

    /// One process: nanoseconds a call before it was under the filter, and after.
    struct Sample: Encodable {
        let filter: BenchmarkFilter
        let workload: Workload
        let before: Double
        let after: Double
    }

    /// One filter and workload over all blocks.
    struct Cell: Encodable {
        let filter: BenchmarkFilter
        let workload: Workload
        let median: Double
        /// More than before in the same process, nanoseconds, and as a ratio.
        let added: Estimate
        let ratio: Estimate
    }

    let making: [Making]
    let cells: [Cell]
    let targets: [Target]
    let blocks: [[Sample]]

    init(making: [Making], blocks: [[Sample]]) {
        self.making = making
        self.blocks = blocks
        cells = [Workload.getppid, .read].flatMap { workload in
            BenchmarkFilter.allCases.compactMap { filter -> Cell? in
                let pairs = blocks.joined().filter { $0.filter == filter && $0.workload == workload }
                guard let median = pairs.map(\.after).median,
                    let added = Estimate(medianOf: pairs.map { $0.after - $0.before }),
                    let ratio = Estimate(medianOf: pairs.map { $0.after / $0.before })
                else { return nil }
                return Cell(filter: filter, workload: workload, median: median, added: added, ratio: ratio)
            }
        }
        targets = [
            Target(
                "generate, prove and write 100 calls", Estimate(medianOf: making.map(\.all)), atMost: 50, unit: "ms")
        ]
    }

    var lines: [String] {
        func median(_ part: (Making) -> Double) -> String { Text.number(making.map(part).median ?? 0, digits: 1) }
        let head =
            "  " + Text.left("one call, ns", 42) + Text.right("median", 9) + Text.right("added", 24)
            + Text.right("ratio", 22)
        let table = cells.map { cell in
            "  " + Text.left("\(cell.workload.rawValue), \(cell.filter.title)", 42)
                + Text.right(Text.number(cell.median, digits: 1), 9)
                + Text.right(cell.added.text(digits: 1), 24) + Text.right(cell.ratio.text(digits: 2), 22)
        }
        return [
            "Seccomp profiles:",
            "  medians: generate \(median(\.generate)) ms, prove \(median(\.prove)) ms, write \(median(\.write)) ms; "
                + "on a processor \(median(\.processor)) ms",
            head,
        ] + table + Target.lines(targets)
    }
}
