// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import Platform
import TestSupport
import Testing

@testable import Daemon

@Suite("What a reload and the writer's sinks do")
struct ReloadTests {
    private func alert(_ second: Int64, severity: Severity = .notice, container: String = "host") throws -> Alert {
        let now = Moment(
            wall: WallTime(milliseconds: 1_795_000_000_000 + second * 1000),
            bootNanoseconds: 1_000_000_000_000 + UInt64(second) * 1_000_000_000)
        var book = IncidentBook(host: AlertHost(name: "box", machineID: "m", bootID: "b"))
        var finding = Finding.test(actor: 0, now: now)
        finding.container = AlertContainer(id: container, name: container)
        var alert = try #require(book.add(finding, now: now).first)
        alert.severity = severity
        return alert
    }

    @Test("what can change is taken, the rest is named and stays")
    func change() throws {
        var read = Configuration()
        read.window = .seconds(60)
        read.journal = false
        read.slots = 8192
        read.runtimeDirectory = "/run/other"
        let change = ConfigurationChange(from: Configuration(), to: read)
        #expect(change.changed == ["Window=", "Journal="])
        #expect(change.needsRestart == ["RuntimeDirectory=", "Slots="])
        #expect(change.applied.window == .seconds(60) && !change.applied.journal && change.applied.slots == 4096)
        #expect(change.applied.metricsSocketPath == "/run/ringfence/metrics.sock")
        #expect(ConfigurationChange(from: read, to: read).changed.isEmpty)
        // A file of weights that says something else under the same name.
        var heavier = read
        heavier.riskWeights = try RiskWeights(parsing: Array("9 privileged x".utf8), file: "w")
        let weighed = ConfigurationChange(from: read, to: heavier)
        #expect(weighed.changed == ["WeightsFile="] && weighed.applied.riskWeights == heavier.riskWeights)
    }

    @Test("every key is either changed by a reload or said to need a restart")
    func everyKey() throws {
        let others: [(String, String)] = [
            ("StateDirectory", "/x"), ("RuntimeDirectory", "/y"), ("Scope", "all"), ("Slots", "128"),
            ("Subslots", "65536"), ("Group", "g"), ("AdminGroup", "a"), ("Window", "2d"), ("Share", "10%"),
            ("Epoch", "1s"), ("WarmUp", "5s"), ("File", "/f"), ("MaxSize", "2M"), ("MaxAge", "2h"), ("Journal", "no"),
            ("Program", "/bin/cat"), ("MinimumSeverity", "critical"), ("Socket", "none"),
            ("Listen", "127.0.0.1:9000"), ("Network", "no"), ("ResolveNames", "no"), ("WatchDenied", "yes"),
            ("DeviationBudget", "1"),
            ("ExecBudget", "1"), ("WeightsFile", "/w"),
        ]
        #expect(others.map(\.0) == ConfigurationKey.allCases.map(\.rawValue))
        for (name, value) in others {
            var read = Configuration()
            try #require(ConfigurationKey(rawValue: name)).apply(value, to: &read)
            let change = ConfigurationChange(from: Configuration(), to: read)
            #expect(change.changed + change.needsRestart == ["\(name)="])
        }
    }

    @Test("a sink whose settings stay keeps its counters, one that goes writes what it has")
    func sinks() throws {
        let directory = try TemporaryDirectory()
        func file(_ name: String) -> SinkSetting { .file(path: directory.file(name), bytes: 1 << 20, seconds: 3600) }
        var sinks = WriterSinks([file("a"), file("b")])
        let first = try alert(1)
        _ = sinks.deliver(first, now: first.last.moment)
        sinks.change(to: [file("b"), file("c")], now: first.last.moment)
        #expect(sinks.all.map(\.name) == ["file \(directory.file("b"))", "file \(directory.file("c"))"])
        #expect(sinks.all.map(\.counters.delivered) == [1, 0])
        let second = try alert(2)
        _ = sinks.deliver(second, now: second.last.moment)
        sinks.service(now: second.last.moment)
        sinks.close(now: second.last.moment)
        let lines = ["a", "b", "c"].map { directory.text($0).split(separator: "\n").count }
        #expect(lines == [1, 2, 1])
    }

    @Test("a sink that is given up with a full disk tries for a minute more")
    func leaving() throws {
        let directory = try TemporaryDirectory()
        let gone = SinkSetting.file(path: directory.file("missing/a"), bytes: 1 << 20, seconds: 3600)
        var sinks = WriterSinks([gone])
        let first = try alert(1)
        _ = sinks.deliver(first, now: first.last.moment)
        sinks.change(to: [], now: first.last.moment)
        sinks.service(now: try alert(2).last.moment)
        #expect(sinks.deadline != nil)
        try directory.makeDirectory("missing")
        sinks.service(now: try alert(10).last.moment)
        #expect(directory.text("missing/a").contains(first.id) && sinks.deadline == nil)
    }

    @Test("below the minimum nothing leaves, but for a test")
    func threshold() throws {
        let directory = try TemporaryDirectory()
        let inner = FileSink(path: directory.file("a"))
        let sink = ThresholdSink(inner, least: .warning)
        var quiet = try alert(1)
        quiet.isTest = nil
        sink.deliver(quiet, line: try quiet.line())
        #expect(sink.counters.waiting == 0)
        quiet.severity = .warning
        sink.deliver(quiet, line: try quiet.line())
        let test = try alert(2)
        sink.deliver(test, line: try test.line())
        #expect(sink.counters.waiting == 2)
    }

    @Test("recent alerts are the latest revisions, bounded, and begin with the end of the file")
    func recent() throws {
        let directory = try TemporaryDirectory()
        var first = try alert(1, container: "web")
        let second = try alert(2, container: "db")
        try directory.write(try first.line() + second.line() + Array("{torn".utf8), to: "alerts.jsonl")
        var recent = RecentAlerts(path: directory.file("alerts.jsonl"))
        #expect(recent.all.map(\.alert.id) == [first.id, second.id] && recent.announced.isEmpty)
        first.revision = 2
        first.severity = .critical
        #expect(recent.add(Array(try first.line().dropLast())) == first)
        #expect(recent.all.map(\.alert.id) == [second.id, first.id] && recent.all.last?.alert.revision == 2)
        #expect(recent.announced == [.critical: 1] && recent.lastOfContainer["web"] == first.last.wall)
        #expect(recent.find(first.id) == [first] && recent.find("zzzz").isEmpty)
        #expect(recent.add(Array("nonsense".utf8)) == nil)
        for second in 10..<Int64(RecentAlerts.limit + 20) { _ = recent.add(Array(try alert(second).line().dropLast())) }
        #expect(recent.all.count == RecentAlerts.limit && recent.find(first.id).isEmpty)
        #expect(RecentAlerts(path: directory.file("none")).all.isEmpty && !directory.has("none"))
    }
}

extension Alert.Time {
    fileprivate var moment: Moment { Moment(wall: wall, bootNanoseconds: bootNanoseconds) }
}
