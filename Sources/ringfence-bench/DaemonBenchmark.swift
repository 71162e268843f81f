// SPDX-License-Identifier: Apache-2.0

/// The programs under test.
struct DaemonPrograms {
    let ringfence: String
    let ringfenced: String
}

/// What the daemon costs; a part that was not asked for is nil.
struct DaemonBenchmark: Encodable {
    /// What can be measured by itself.
    enum Part: String, CaseIterable { case idle, fleet, redis }

    private(set) var idle: DaemonIdle?
    private(set) var fleet: DaemonFleet?
    private(set) var redis: DaemonRedis?
    /// What could not be measured, and why.
    private(set) var missing: [String] = []

    static func measure(
        _ programs: DaemonPrograms, parts: [Part], rounds: Int
    ) throws(BenchmarkError) -> DaemonBenchmark {
        var result = DaemonBenchmark()
        for part in parts {
            do throws(BenchmarkError) {
                switch part {
                case .idle: result.idle = try DaemonIdle.measure(programs.ringfenced, seconds: 30)
                case .fleet: result.fleet = try DaemonFleet.measure(programs, samples: DaemonFleet.containers)
                case .redis: result.redis = try DaemonRedis.measure(programs, rounds: rounds)
                }
            } catch { result.missing.append("\(part.rawValue): \(error.description)") }
        }
        return result
    }

    var lines: [String] {
        ["Daemon:"] + [idle?.lines, fleet?.lines, redis?.lines].compactMap { $0 }.flatMap { $0 }
            + missing.map { "  not measured: " + $0 }
    }
}
