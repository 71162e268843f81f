// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import FoundationEssentials
import Glibc
import Platform

/// `ringfence alerts`: reads the daemon's file of alerts, which needs no daemon, or follows it.
enum AlertsCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--follow", "-f", help: "go on with what comes"),
            .init("--since", value: "TIME", help: "only what is not older: 90s, 30m, 1h, 7d"),
            .init("--container", value: "NAME|ID|GLOB", help: "only of this container"),
            .init("--severity", value: "notice|warning|critical", help: "only what is at least as severe"),
            .init("--rule", value: "RULE", help: "only incidents with this rule, as unexpected-call"),
            .init("--format", value: "compact|json", help: "one line for people, or the JSON line"),
            .init("--test", help: "have the daemon send a marked alert through every sink"),
        ] + DaemonAddress.options

    static var help: String {
        "usage: ringfence alerts [-f] [OPTIONS]\n"
            + "       ringfence alerts --test\n\n" + Usage.options(options)
            + "\nrules: " + AlertRule.allCases.map(\.rawValue).joined(separator: ", ") + "\n"
    }

    /// How many alerts precede what is followed, unless --since asks for more.
    private static let lead = 10
    private static let pause = 100_000_000

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard arguments.operands.isEmpty, arguments.command == nil else {
            throw .usage("ringfence alerts takes options only; for one alert: ringfence explain ID")
        }
        let address = try DaemonAddress(arguments)
        if arguments.has("--test") { return try test(address) }
        let query = try AlertQuery(arguments, now: Date())
        let printer = AlertPrinter(
            isJSON: try arguments.choice("--format", of: ["compact", "json"]) == "json", terminal: .output)
        let follows = arguments.has("--follow")
        var path = address.alertsPath
        // Where File= is set only the daemon knows the file.
        if !address.isStateGiven, !FileTree.exists(path), let told = try? address.ask(.ping).string("alerts"),
            !told.isEmpty
        {
            path = told
        }
        do throws(AlertsError) {
            let log = AlertLog(path: path)
            let result = follows ? try begin(log, path, query) : try log.read(query.filter)
            tell(result)
            let shown = follows && query.filter.since == nil ? result.alerts.suffix(lead) : result.alerts[...]
            for alert in shown { printer.show(alert) }
            if follows { try follow(log, result.position, query, printer) }
        } catch {
            if error.errno == ENOENT, FileTree.exists(directory(of: path)) {
                Terminal.error.line("ringfence: no alert so far")
                return 0
            }
            guard error.errno == EACCES || error.errno == EPERM else {
                throw CommandFailure(error.description, exitCode: error.errno == nil ? 65 : 66)
            }
            try askDaemon(address, query, follows, printer)
        }
        return 0
    }

    private static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// What is there to begin with; nothing if there is no file yet. One that may not be looked at is no such: of that the
    /// daemon tells.
    private static func begin(
        _ log: AlertLog, _ path: String, _ query: AlertQuery
    ) throws(AlertsError) -> AlertLog.Result {
        do throws(AlertsError) { return try log.read(query.filter) } catch {
            guard error.errno == ENOENT else { throw error }
            Terminal.error.line("ringfence: waiting for \(HostileText.printable(path))")
            return AlertLog.Result()
        }
    }

    private static func follow(
        _ log: AlertLog, _ start: FollowPosition, _ query: AlertQuery, _ printer: AlertPrinter
    ) throws(AlertsError) {
        var position = start
        while true {
            for alert in try log.follow(&position, query.filter) { printer.show(alert) }
            var rest = timespec(tv_sec: 0, tv_nsec: pause)
            _ = unsafe nanosleep(&rest, nil)
        }
    }

    /// For members of the socket's group, who may not read the file.
    private static func askDaemon(
        _ address: DaemonAddress, _ query: AlertQuery, _ follows: Bool, _ printer: AlertPrinter
    ) throws(CommandFailure) {
        var arguments = query.arguments
        arguments["follow"] = .bool(follows)
        try address.list(.alerts, arguments) { line throws(CommandFailure) in
            if let alert = Alert(line: line) { printer.show(alert) }
            return true
        }
    }

    private static func tell(_ result: AlertLog.Result) {
        for skipped in result.skipped.prefix(5) {
            Terminal.error.line("ringfence: left out: \(HostileText.printable(skipped.description))")
        }
        let more = max(0, result.skipped.count - 5) + result.skippedMore
        if more > 0 { Terminal.error.line("ringfence: and \(NumberText.counted(more, "line")) more") }
        if result.omitted > 0 {
            Terminal.error.line(
                "ringfence: \(NumberText.counted(result.omitted, "older incident")) not shown; ask with --since")
        }
    }

    /// Sends a test, and says what became of it at each sink.
    private static func test(_ address: DaemonAddress) throws(CommandFailure) -> Int32 {
        let before = try address.ask(.status)["sinks"]?.elements ?? []
        _ = try address.ask(.alertsTest)
        var after = before
        for _ in 0..<50 {
            after = try address.ask(.status)["sinks"]?.elements ?? []
            if SinkReport(before, after).isDone { break }
            var rest = timespec(tv_sec: 0, tv_nsec: pause)
            _ = unsafe nanosleep(&rest, nil)
        }
        let report = SinkReport(before, after)
        for line in report.lines { Terminal.output.line(HostileText.printable(line)) }
        return report.isDone ? 0 : 1
    }
}

/// Which sinks have passed on an alert between two looks at the daemon.
struct SinkReport {
    private let sinks: [(name: String, passed: Bool, error: String)]

    init(_ before: [JSONValue], _ after: [JSONValue]) {
        sinks = after.map { sink in
            let known = before.first { $0.string("name") == sink.string("name") }
            return (
                sink.string("name"), sink.count("delivered") > (known?.count("delivered") ?? 0),
                sink.string("lastError")
            )
        }
    }

    /// Whether every sink has.
    var isDone: Bool { sinks.allSatisfy(\.passed) }

    var lines: [String] {
        if sinks.isEmpty { return ["no sink is configured: alerts reach those who follow, and nobody else"] }
        return sinks.map { sink in
            sink.passed
                ? "\(sink.name): the test alert was delivered"
                : "\(sink.name): the test alert waits" + (sink.error.isEmpty ? "" : ": \(sink.error)")
        }
    }
}
