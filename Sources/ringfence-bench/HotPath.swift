// SPDX-License-Identifier: Apache-2.0
import CBench
import Glibc
import Platform

/// Measures each replay: time and allocations in this process, instructions in a child under callgrind.
enum HotPath {
    /// Records of one batch: long against the clock, short against the scheduler.
    private static let batch = 200_000
    private static let batchesPerRound = 20

    static func measure(rounds: Int) throws(BenchmarkError) -> HotPathResult {
        guard rf_bench_counts_allocations() != 0 else {
            throw .unavailable("this C library's malloc cannot be counted")
        }
        var missing: [String] = []
        var rows: [HotPathResult.Row] = []
        let hasValgrind = Child.isInstalled("valgrind") && Child.isInstalled("strip")
        if !hasValgrind {
            missing.append("instructions: valgrind or strip is not installed; apt-get install valgrind binutils")
        }
        for replay in Replay.allCases {
            var run = ReplayRun(replay)
            try run.replay(batch)
            var samples: [Double] = []
            var allocations: UInt64 = 0
            for _ in 0..<(rounds * batchesPerRound) {
                let cost = try run.replay(batch)
                allocations += cost.allocations
                samples.append(Double(cost.nanoseconds) / Double(batch))
            }
            let records = rounds * batchesPerRound * batch
            rows.append(
                HotPathResult.Row(
                    replay: replay, nanoseconds: samples.median ?? 0, records: records,
                    allocations: Int(allocations), instructions: hasValgrind ? try instructions(replay) : nil))
        }
        return HotPathResult(rows: rows, missing: missing)
    }

    /// Instructions a record: what a long run needs above a short one, so that starting the program does not count.
    private static func instructions(_ replay: Replay) throws(BenchmarkError) -> Double {
        let scratch = try Scratch()
        // valgrind 3.19 stops at the debug information that current linkers write.
        let program = scratch.path + "/ringfence-bench"
        guard try Child(["strip", "--strip-debug", "-o", program, Child.ownProgram]).end() == 0 else {
            throw .unavailable("strip cannot copy \(Child.ownProgram)")
        }
        func total(_ count: Int) throws(BenchmarkError) -> Int {
            let log = scratch.path + "/log"
            let words = [
                "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file=\(log)", program,
                "replay",
                replay.rawValue, String(count),
            ]
            let status = try Child(words).end()
            let bytes = (try? FileBytes.read(log, limit: 1 << 20, followsLink: false)) ?? []
            // callgrind's last lines: `==PID== Collected : 123456`.
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            let line = lines.first { $0.contains(" Collected : ") }
            guard status == 0, let number = line?.split(separator: " ").last.flatMap({ Int($0) }) else {
                throw .unavailable("valgrind ended with status \(status) and no count of instructions")
            }
            return number
        }
        let short = 50_000
        let long = 550_000
        let more = try total(long) - total(short)
        return Double(more) / Double(long - short)
    }
}
