// SPDX-License-Identifier: Apache-2.0

/// What a daemon costs that has nothing to do but its rounds.
struct DaemonIdle: Encodable {
    /// Shares of a core in each second, percent.
    let load: [Double]
    let targets: [Target]

    static func measure(_ program: String, seconds: Int) throws(BenchmarkError) -> DaemonIdle {
        let scratch = try Scratch()
        let daemon = try RunningDaemon(program, in: scratch.path, .calm)
        Child.pause(milliseconds: 3000)
        let load = try ProcessReading(of: daemon.pid).load(samples: seconds, interval: 1000)
        try daemon.end()
        return DaemonIdle(
            load: load,
            targets: [
                Target("idle daemon, of a core", Estimate(meanOf: load), atMost: 0.5, unit: "%")
            ])
    }

    var lines: [String] { Target.lines(targets) }
}
