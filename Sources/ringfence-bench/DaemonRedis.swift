// SPDX-License-Identifier: Apache-2.0
import CBench
import Glibc
import Platform

/// The rate of a redis server, plain, with an empty program on the hook, and monitored, in turn.
struct DaemonRedis: Encodable {
    /// GETs a second, one a round.
    let plain: [Double]
    let empty: [Double]
    let monitored: [Double]
    let targets: [Target]
    private static let port = "16399"
    private static let requests = "40000"

    /// Runs of the client in one visit, of which the fastest counts: who else uses the machine only slows it down.
    private static let runs = 4

    private enum Arm: CaseIterable { case plain, empty, monitored }

    static func measure(_ programs: DaemonPrograms, rounds: Int) throws(BenchmarkError) -> DaemonRedis {
        for name in ["redis-server", "redis-benchmark"] where !Child.isInstalled(name) {
            throw .unavailable("\(name) is not installed")
        }
        let scratch = try Scratch()
        let container = try ContainerCgroup()
        try container.start([
            "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
            scratch.path, "--logfile", scratch.path + "/redis.log",
        ])
        try learn(programs, container, scratch.path)
        var rates: [Arm: [Double]] = [:]
        for _ in 0..<rounds {
            for arm in Arm.allCases.shuffled() {
                rates[arm, default: []].append(try visit(arm, programs, scratch.path))
            }
        }
        return DaemonRedis(
            plain: rates[.plain] ?? [], empty: rates[.empty] ?? [], monitored: rates[.monitored] ?? [])
    }

    private init(plain: [Double], empty: [Double], monitored: [Double]) {
        self.plain = plain
        self.empty = empty
        self.monitored = monitored
        targets = [
            Target(
                "redis GET, monitored / plain", Estimate(medianOf: zip(monitored, plain).map { $0 / $1 }), atLeast: 0.9,
                unit: "x")
        ]
    }

    /// Lets the daemon learn what the server does under load, until it is monitored.
    private static func learn(
        _ programs: DaemonPrograms, _ container: ContainerCgroup, _ directory: String
    ) throws(BenchmarkError) {
        let daemon = try RunningDaemon(programs.ringfenced, in: directory, .hasty)
        for _ in 0..<3 { _ = try rate(directory) }
        try daemon.waitUntilMonitored([container.id], seconds: 60)
        _ = try rate(directory)
        try daemon.end()
    }

    private static func visit(
        _ arm: Arm, _ programs: DaemonPrograms, _ directory: String
    ) throws(BenchmarkError) -> Double {
        switch arm {
        case .plain: return try rate(directory)
        case .empty:
            // SAFETY: the name is a string that outlives the call.
            let program = try LoadedProgram(unsafe rf_bench_load_empty("sys_enter"), step: "load an empty program")
            let attached = try program.attach()
            let result = try rate(directory)
            withExtendedLifetime(attached) {}
            return result
        case .monitored:
            let daemon = try RunningDaemon(programs.ringfenced, in: directory, .calm)
            // It is named, and its profile published, within a second.
            Child.pause(milliseconds: 1500)
            let result = try rate(directory)
            try daemon.end()
            return result
        }
    }

    private static func rate(_ directory: String) throws(BenchmarkError) -> Double {
        var best = 0.0
        for _ in 0..<runs { best = max(best, try run(directory)) }
        return best
    }

    private static func run(_ directory: String) throws(BenchmarkError) -> Double {
        let script = "redis-benchmark -p \(port) -t get -n \(requests) -c 20 --csv >'\(directory)/rate' 2>/dev/null"
        let status = try Child(["sh", "-c", script]).end(seconds: 120)
        let text = String(decoding: (try? FileBytes.read(directory + "/rate", limit: 4096)) ?? [], as: UTF8.self)
        // "GET","98765.43",...
        let line = text.split(separator: "\n").last { $0.contains("GET") }
        guard status == 0, let rate = line?.split(separator: "\"").dropFirst(2).first.flatMap({ Double($0) }) else {
            throw .unavailable("redis-benchmark said '\(text.prefix(80))'")
        }
        return rate
    }

    var lines: [String] {
        func line(_ title: String, _ rates: [Double]) -> String {
            let ratio = Estimate(medianOf: zip(rates, plain).map { $0 / $1 })?.text(digits: 3) ?? "?"
            return "  " + Text.left(title, 30) + Text.right(Text.number(rates.median ?? 0, digits: 0), 12)
                + Text.right(ratio, 26)
        }
        return [
            "redis GETs a second, 20 clients, \(plain.count) rounds; of the plain rate in the same round:",
            line("nothing attached", plain), line("an empty program on sys_enter", empty),
            line("monitored by ringfenced", monitored),
        ] + Target.lines(targets)
    }
}
