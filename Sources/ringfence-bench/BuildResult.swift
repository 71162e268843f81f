// SPDX-License-Identifier: Apache-2.0

/// The wall time of a build, plain and recorded.
struct BuildResult: Encodable {
    let workload: String
    /// One a pair, seconds.
    let plain: [Double]
    let recorded: [Double]
    let targets: [Target]

    init(workload: String, plain: [Double], recorded: [Double]) {
        self.workload = workload
        self.plain = plain
        self.recorded = recorded
        let ratios = zip(recorded, plain).map { $0 / $1 }
        targets = [Target("recorded / plain, of a pair", Estimate(medianOf: ratios), atMost: 1.1, unit: "x")]
    }

    var lines: [String] {
        let times = [("plain", plain), ("under ringfence record", recorded)].map { name, times in
            "  " + Text.left(name, 58) + Text.right(Text.number(times.median ?? 0, digits: 2), 9) + " s"
        }
        return ["Wall time of \(workload), \(plain.count) pairs:"] + times + Target.lines(targets)
    }
}
