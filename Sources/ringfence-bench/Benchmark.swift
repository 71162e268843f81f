// SPDX-License-Identifier: Apache-2.0
import CBench
import Glibc
import Platform

/// Finds the verb and runs it; prints the result to stdout.
enum Benchmark {
    /// Runs one command line without the program's name; returns the exit code.
    static func run(_ words: [String]) -> Int32 {
        do {
            try verb(words)
            return 0
        } catch {
            write("ringfence-bench: \(error.description)\n", to: STDERR_FILENO)
            return error.exitCode
        }
    }

    private static func verb(_ words: [String]) throws(BenchmarkError) {
        let verb = words.first ?? "--help"
        switch verb {
        case "--help", "-h", "help":
            write(Options.usage, to: STDOUT_FILENO)
            return
        case Workload.verb: return try loop(of: Workload.self, Array(words.dropFirst()))
        case NetworkLoad.verb: return try loop(of: NetworkLoad.self, Array(words.dropFirst()))
        case BlockSamples.verb: return try block(of: BlockSamples.self, Array(words.dropFirst()))
        case NetworkSamples.verb: return try block(of: NetworkSamples.self, Array(words.dropFirst()))
        case "replay": return try replay(Array(words.dropFirst()))
        case "worker":
            _ = rf_bench_idle_worker()
            throw .unavailable("the worker could not block its signal")
        case "filtered": return try filtered(Array(words.dropFirst()))
        case "executions": return try say(String(try Executions.sample()), to: words.last)
        case "pace": return try pace(Array(words.dropFirst()))
        case "now": return try say(String(rf_bench_now()), to: words.last)
        default: break
        }
        let measured = ["ladder", "network", "start", "build", "hotpath", "exec", "daemon", "seccomp", "all"]
        guard measured.contains(verb) else {
            throw .usage("unknown verb '\(verb)'; see ringfence-bench --help")
        }
        let options = try Options(Array(words.dropFirst()))
        var report = Report()
        if verb == "ladder" || verb == "all" { report.ladder = try Ladder.measure(rounds: options.rounds ?? 12) }
        if verb == "network" || verb == "all" {
            report.network = try NetworkBenchmark.measure(rounds: options.rounds ?? 12)
        }
        if verb == "start" || verb == "all" { report.start = try Start.measure(ringfence: try options.program()) }
        if verb == "build" || verb == "all" {
            report.build = try Build.measure(ringfence: try options.program(), pairs: options.rounds ?? 7)
        }
        if verb == "hotpath" || verb == "all" { report.hotpath = try HotPath.measure(rounds: options.rounds ?? 5) }
        if verb == "seccomp" || verb == "all" { report.seccomp = try FilterCost.measure(rounds: options.rounds ?? 12) }
        if verb == "exec" || verb == "all" { report.exec = try Executions.measure(pairs: options.rounds ?? 12) }
        if verb == "daemon" || verb == "all" {
            report.daemon = try DaemonBenchmark.measure(
                try options.daemonPrograms(), parts: options.parts, rounds: options.rounds ?? 8)
        }
        write(options.isJSON ? try report.json() : report.text, to: STDOUT_FILENO)
    }

    /// `VERB LOAD DESCRIPTOR`: what a process under a tracer does.
    private static func loop<Load: TimedLoad>(of _: Load.Type, _ words: [String]) throws(BenchmarkError) {
        guard words.count == 2, let load = Load(rawValue: words[0]) else {
            throw .usage("\(Load.verb) takes a load and a descriptor")
        }
        let nanoseconds = try load.time(batches: 40, traced: true).quantile(0.1) ?? 0
        try say(String(nanoseconds), to: words[1])
    }

    /// `VERB CGROUP DESCRIPTOR`: what the process of a block does.
    private static func block<Measurement: BlockMeasurement>(
        of _: Measurement.Type, _ words: [String]
    ) throws(BenchmarkError) {
        guard words.count == 2, let cgroup = UInt64(words[0]) else {
            throw .usage("\(Measurement.verb) takes a cgroup and a descriptor")
        }
        try say(try Report.json(of: try Measurement.measure(cgroup: cgroup), isPretty: false), to: words[1])
    }

    /// `replay REPLAY COUNT`: what runs under callgrind.
    private static func replay(_ words: [String]) throws(BenchmarkError) {
        guard words.count == 2, let replay = Replay(rawValue: words[0]), let count = Int(words[1]), count > 0 else {
            throw .usage("replay takes a name and a count")
        }
        var run = ReplayRun(replay)
        try run.replay(count)
    }

    /// `filtered FILTER WORKLOAD DESCRIPTOR`: what a process under a filter does.
    private static func filtered(_ words: [String]) throws(BenchmarkError) {
        guard words.count == 3, let filter = BenchmarkFilter(rawValue: words[0]),
            let workload = Workload(rawValue: words[1])
        else { throw .usage("filtered takes a filter, a workload and a descriptor") }
        _ = rf_bench_pin(1)
        let before = try workload.time(batches: 80).quantile(0.1) ?? 0
        try filter.load()
        let after = try workload.time(batches: 80).quantile(0.1) ?? 0
        try say("\(before) \(after)", to: words[2])
    }

    /// `pace RATE FILE`: the process whose calls are traced.
    private static func pace(_ words: [String]) throws(BenchmarkError) {
        guard words.count == 2, let rate = UInt64(words[0]), rate >= 1000 else {
            throw .usage("pace takes calls a second and a file")
        }
        let counter = unsafe open(words[1], O_WRONLY | O_CLOEXEC)
        guard counter >= 0 else { throw .unavailable("cannot write \(words[1])") }
        throw .unavailable("pace ended with errno \(rf_bench_pace(rate, counter))")
    }

    private static func say(_ text: String, to descriptor: String?) throws(BenchmarkError) {
        guard let number = descriptor.flatMap({ CInt($0) }), number >= 0 else { throw .usage("no descriptor") }
        write(text, to: number)
    }

    private static func write(_ text: String, to descriptor: CInt) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            // SAFETY: the kernel reads at most the buffer's length, from memory that outlives the call.
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(count, 0))
        }
    }
}
