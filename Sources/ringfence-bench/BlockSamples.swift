// SPDX-License-Identifier: Apache-2.0

/// What one block measured: every batch, in nanoseconds.
struct BlockSamples: BlockMeasurement {
    static let verb = "block"

    /// Nanoseconds an iteration, one a batch, by rung and workload.
    private(set) var batches: [String: [String: [Double]]] = [:]
    /// Nanoseconds a run of the program on sys_enter, clock reads included, one a batch, by rung and workload.
    private(set) var runs: [String: [String: [Double]]] = [:]
    /// What could not be measured, and why.
    var missing: [String] = []

    static func measure(cgroup: UInt64) throws(BenchmarkError) -> BlockSamples { try Block.measure(cgroup: cgroup) }

    mutating func add(_ times: [Double], _ rung: Rung, _ workload: Workload) {
        batches[rung.rawValue, default: [:]][workload.rawValue, default: []] += times.map(Self.rounded)
    }

    mutating func addRun(_ time: Double, _ rung: Rung, _ workload: Workload) {
        runs[rung.rawValue, default: [:]][workload.rawValue, default: []].append(Self.rounded(time))
    }

    /// The undisturbed cost of an iteration: the batch that is slower than a tenth of all. (The fastest would depend on
    /// how many there are, the median on who else uses the machine.)
    func cost(_ rung: Rung, _ workload: Workload) -> Double? {
        batches[rung.rawValue]?[workload.rawValue]?.quantile(0.1)
    }

    /// The same of one run of the program, by the kernel's own statistics.
    func run(_ rung: Rung, _ workload: Workload) -> Double? { runs[rung.rawValue]?[workload.rawValue]?.quantile(0.1) }

    private static func rounded(_ time: Double) -> Double { (time * 100).rounded() / 100 }
}
