// SPDX-License-Identifier: Apache-2.0

/// Measures the rungs block after block, each block in a process of its own.
enum Ladder {
    static func measure(rounds: Int) throws(BenchmarkError) -> LadderResult {
        let cgroup = try BenchmarkCgroup()
        var missing = [Rung.bpftrace, .strace].filter { !$0.isInstalled }.map { "\($0.rawValue) is not installed" }
        var blocks: [BlockSamples] = []
        for _ in 0..<rounds {
            var block: BlockSamples = try cgroup.block()
            if Rung.strace.isInstalled, !missing.contains(where: { $0.hasPrefix("strace") }) {
                do {
                    for workload in Workload.allCases {
                        block.add([try cgroup.time(workload, under: Rung.strace.prefix)], .strace, workload)
                    }
                } catch { missing.append("strace: \(error.description)") }
            }
            blocks.append(block)
        }
        for reason in blocks.flatMap(\.missing) where !missing.contains(reason) { missing.append(reason) }
        return LadderResult(blocks: blocks, missing: missing)
    }
}
