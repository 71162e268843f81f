// SPDX-License-Identifier: Apache-2.0
import CBench
import Platform

/// One block of the ladder, made by one process that lives in the measured cgroup. Every program is loaded anew, since
/// where code happens to lie changes what it costs; then all rungs are visited in turn, in a random order, many
/// times, each time for a few batches that are short enough for most to be undisturbed.
struct Block {
    /// Visits of each rung, and timed batches of each workload in one visit.
    private static let cycles = 12
    private static let batches = 4

    private let programs: [Rung: RungPrograms]
    private var samples = BlockSamples()

    /// Runs a block and returns what was measured.
    static func measure(cgroup: UInt64) throws(BenchmarkError) -> BlockSamples {
        var block = try Block(cgroup: cgroup)
        try pin(true)
        for _ in 0..<cycles {
            for rung in Rung.interleaved.shuffled() { try block.visit(rung, batches: batches) }
        }
        try block.keepStatistics()
        if Rung.bpftrace.isInstalled { try block.peer() }
        return block.samples
    }

    private init(cgroup: UInt64) throws(BenchmarkError) {
        var programs: [Rung: RungPrograms] = [:]
        for rung in Rung.interleaved { programs[rung] = try RungPrograms(rung, cgroup: cgroup) }
        self.programs = programs
    }

    private mutating func visit(_ rung: Rung, batches: Int) throws(BenchmarkError) {
        let attachment = try programs[rung]?.attach()
        // The keys are patched by now; other processors may still be on their way out of the interruption. The first
        // batch of each workload, which is not timed, fills the caches again.
        Child.pause()
        for workload in Workload.allCases { samples.add(try workload.time(batches: batches), rung, workload) }
        withExtendedLifetime(attachment) {}
    }

    /// The second witness: the run time that the kernel itself keeps. It reads the clock twice a run, so that only the
    /// difference between two programs means something.
    private mutating func keepStatistics() throws(BenchmarkError) {
        let number = rf_bench_enable_statistics()
        guard number >= 0 else {
            samples.missing.append("the kernel's own statistics: \(SystemError.message(-number))")
            return
        }
        let keeping = Descriptor(owning: number)
        for _ in 0..<Self.cycles / 2 {
            for rung in [Rung.empty, .learning].shuffled() {
                guard let program = programs[rung] else { continue }
                let attachment = try program.attach()
                Child.pause()
                for workload in Workload.allCases {
                    for _ in 0..<Self.batches {
                        let before = try program.enter.statistics()
                        _ = try workload.time(batches: 1)
                        let after = try program.enter.statistics()
                        let runs = after.runs - before.runs
                        guard runs > 0 else { continue }
                        samples.addRun(Double(after.nanoseconds - before.nanoseconds) / Double(runs), rung, workload)
                    }
                }
                withExtendedLifetime(attachment) {}
            }
        }
        withExtendedLifetime(keeping) {}
    }

    /// bpftrace takes a second to start, so that it has one visit in a block.
    private mutating func peer() throws(BenchmarkError) {
        try Self.pin(false)
        do {
            let peer = try BPFTrace()
            try Self.pin(true)
            try visit(.bpftrace, batches: Self.cycles * Self.batches)
            try peer.end()
        } catch { samples.missing.append("bpftrace: \(error.description)") }
    }

    private static func pin(_ isPinned: Bool) throws(BenchmarkError) {
        let failure = rf_bench_pin(isPinned ? 1 : 0)
        guard failure == 0 else { throw .unavailable("cannot choose a processor: \(SystemError.message(failure))") }
    }
}
