// SPDX-License-Identifier: Apache-2.0

/// Measures every rung in turn, round after round, so that all see the same machine.
enum Ladder {
    static func measure(rounds: Int) throws(BenchmarkError) -> LadderResult {
        let cgroup = try BenchmarkCgroup()
        var samples: [Rung: [Workload: [Double]]] = [:]
        var missing = Rung.allCases.filter { !$0.isInstalled }.map { "\($0.rawValue) is not installed" }
        var rungs = Rung.allCases.filter(\.isInstalled)
        for _ in 0..<rounds {
            for rung in rungs {
                do {
                    let watcher = try Watcher(rung, cgroup: cgroup)
                    for workload in Workload.allCases {
                        let time = try cgroup.time(workload, under: rung.prefix)
                        samples[rung, default: [:]][workload, default: []].append(time)
                    }
                    try watcher.end()
                } catch {
                    guard rung == .bpftrace || rung == .strace else { throw error }
                    samples[rung] = nil
                    rungs.removeAll { $0 == rung }
                    missing.append("\(rung.rawValue): \(error.description)")
                }
            }
        }
        return LadderResult(rounds: rounds, samples: samples, missing: missing)
    }
}
