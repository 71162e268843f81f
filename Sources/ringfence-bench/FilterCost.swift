// SPDX-License-Identifier: Apache-2.0
import CBench
import Glibc
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
                    block.append(try sample(workload, filter))
                }
            }
            blocks.append(block)
        }
        return FilterCostResult(making: making, blocks: blocks)
    }

    /// From a behaviour profile in memory to both files on disk, as `ringfence seccomp generate` does it.
    private static func make(in directory: String) throws(BenchmarkError) -> FilterCostResult.Making {
        let behaviour = BenchmarkFilter.behaviour
        let processor = clock()
        let start = rf_bench_now()
        do {
            let generated = try SeccompGenerator.generate(behaviour)
            let made = rf_bench_now()
            try FilterProof(of: generated.oci).check()
            let proved = rf_bench_now()
            let profile = try generated.encoded(as: .oci)
            let evidence = Array(try generated.encodedEvidence())
            try AtomicFile.write(profile, to: directory + "/seccomp.json", flushesDirectory: false)
            try AtomicFile.write(evidence, to: directory + "/seccomp.evidence.json")
            let written = rf_bench_now()
            return FilterCostResult.Making(
                generate: Double(made - start) / 1e6, prove: Double(proved - made) / 1e6,
                write: Double(written - proved) / 1e6,
                processor: Double(clock() - processor) * 1000 / Double(CLOCKS_PER_SEC))
        } catch { throw .unavailable("\(error)") }
    }

    /// A process of its own, which makes the call before it puts itself under the filter, and after.
    private static func sample(
        _ workload: Workload, _ filter: BenchmarkFilter
    ) throws(BenchmarkError) -> FilterCostResult.Sample {
        let pipe = try OutputPipe()
        let child = try Child([
            Child.ownProgram, "filtered", filter.rawValue, workload.rawValue, String(pipe.writing),
        ])
        let status = try child.end()
        let numbers = try pipe.text().split(separator: " ").compactMap { Double($0) }
        guard status == 0, numbers.count == 2, numbers.allSatisfy({ $0 > 0 }) else {
            throw .unavailable("the process under the filter '\(filter.rawValue)' ended with status \(status)")
        }
        return FilterCostResult.Sample(filter: filter, workload: workload, before: numbers[0], after: numbers[1])
    }
}
