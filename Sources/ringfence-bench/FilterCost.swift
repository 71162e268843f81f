// SPDX-License-Identifier: Apache-2.0
import CBench
import Platform
import Seccomp

/// Measures how long a seccomp profile takes to make, and what its filter costs each call.
enum FilterCost {
    static func measure(rounds: Int) throws(BenchmarkError) -> FilterCostResult {
        let scratch = try Scratch()
        var making: [FilterCostResult.Making] = []
        _ = try make(in: scratch.path)
        for _ in 0..<max(rounds, 6) { making.append(try make(in: scratch.path)) }
        var blocks: [[FilterCostResult.Sample]] = []
        for round in 0..<rounds {
            // Each block begins with another filter, so that none always has the quieter moment.
            let filters = BenchmarkFilter.allCases
            var block: [FilterCostResult.Sample] = []
            for workload in [Workload.getppid, .read] {
                for place in filters.indices {
                    let filter = filters[(place + round) % filters.count]
                    block.append(.init(filter: filter, workload: workload, nanoseconds: try time(workload, filter)))
                }
            }
            blocks.append(block)
        }
        return FilterCostResult(making: making, blocks: blocks)
    }

    /// From a behaviour profile in memory to both files on disk, as `ringfence seccomp generate` does it.
    private static func make(in directory: String) throws(BenchmarkError) -> FilterCostResult.Making {
        let behaviour = BenchmarkFilter.behaviour
        let start = rf_bench_now()
        do {
            let generated = try SeccompGenerator.generate(behaviour)
            let made = rf_bench_now()
            try FilterProof(of: generated.oci).check()
            let proved = rf_bench_now()
            let files = [
                ("seccomp.json", try generated.encoded(as: .oci)),
                ("seccomp.evidence.json", Array(try generated.encodedEvidence())),
            ]
            for (name, bytes) in files {
                try AtomicFile.write(bytes, to: directory + "/" + name)
            }
            let written = rf_bench_now()
            return FilterCostResult.Making(
                generate: Double(made - start) / 1e6, prove: Double(proved - made) / 1e6,
                write: Double(written - proved) / 1e6)
        } catch { throw .unavailable("\(error)") }
    }

    /// Nanoseconds a call in a process of its own under the filter.
    private static func time(_ workload: Workload, _ filter: BenchmarkFilter) throws(BenchmarkError) -> Double {
        let pipe = try OutputPipe()
        let child = try Child([
            Child.ownProgram, "filtered", filter.rawValue, workload.rawValue, String(pipe.writing),
        ])
        let status = try child.end()
        guard status == 0, let nanoseconds = Double(try pipe.text()), nanoseconds > 0 else {
            throw .unavailable("the process under the filter '\(filter.rawValue)' ended with status \(status)")
        }
        return nanoseconds
    }
}
