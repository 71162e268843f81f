// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Glibc
import Platform
import TestSupport
import Testing

@Suite("AlertLog")
struct AlertLogTests {
    let directory: TemporaryDirectory
    let log: AlertLog

    init() throws {
        directory = try TemporaryDirectory()
        log = AlertLog(path: directory.file("alerts.jsonl"))
    }

    private func write(_ alerts: [Alert], to name: String = "alerts.jsonl", tail: [UInt8] = []) throws {
        try directory.write(try alerts.flatMap { try $0.line() } + tail, to: name)
    }

    private func names(_ result: AlertLog.Result) -> [String?] { result.alerts.map { $0.items.first?.item.name } }

    @Test("all files are read, oldest first, a hole in their numbers does not matter")
    func rotated() throws {
        try write([sample("a", at: 0)], to: "alerts.jsonl.3")
        try write([sample("b", at: 1)], to: "alerts.jsonl.1")
        try write([sample("c", at: 2)])
        #expect(names(try log.read()) == ["a", "b", "c"])
        try FileTree.removeFile(directory.file("alerts.jsonl"))
        #expect(names(try log.read()) == ["a", "b"])
    }

    @Test("each incident is shown once, by its latest revision")
    func latestRevision() throws {
        var book = IncidentBook(host: host)
        var alerts = book.add(exec("/bin/sh", at: 0), now: at(0))
        alerts += book.add(call("ptrace", at: 1, by: process(200), tier: 0), now: at(1))
        // A record that was judged twice after a crash begins the incident again.
        try write(alerts + alerts.prefix(1))
        let result = try log.read()
        #expect(result.alerts.map(\.revision) == [2])
        #expect(try log.find(String(alerts[0].id.prefix(6))) == result.alerts.first)
    }

    @Test("torn, foreign, overlong and binary lines are skipped and told, the rest is read")
    func skips() throws {
        let good = try sample("a").line()
        let long = [UInt8](repeating: 0x61, count: Alert.lineLimit + 5)
        var text = good + Array("{}\n\u{0}\u{1}\n".utf8) + [0xFF, 0x0A] + long + [0x0A]
        text += try sample("b", at: 1).line()
        text += good.prefix(good.count / 2)
        try directory.write(text, to: "alerts.jsonl")
        let result = try log.read()
        #expect(names(result) == ["a", "b"])
        #expect(result.skipped.map(\.line) == [2, 3, 4, 5, 7])
        #expect(result.skipped[3].reason == "it is longer than any alert")
        #expect(result.skipped[4].reason.hasPrefix("it is torn"))
    }

    @Test("a file cut at every byte gives all whole alerts and an error for none")
    func everyCut() throws {
        let first = try sample("a").line()
        let second = try sample("b", at: 1).line()
        for cut in 0...second.count {
            try directory.write(first + second.prefix(cut), to: "alerts.jsonl")
            let result = try log.read()
            #expect(result.alerts.count == (cut >= second.count - 1 ? 2 : 1))
            #expect(result.skipped.count == (cut == 0 || cut >= second.count - 1 ? 0 : 1))
        }
    }

    @Test("filters: since, container by name, glob, id and its beginning, severity, rule")
    func filters() throws {
        var other = sample("b", severity: .critical, at: 100)
        other.container = AlertContainer(id: "0123456789abcdef", name: "cache-1", workload: "shop/cache")
        other.rule = .foreignABI
        try write([sample("a", severity: .notice), other])
        func count(_ change: (inout AlertFilter) -> Void) throws -> [String?] {
            var filter = AlertFilter()
            change(&filter)
            return names(try log.read(filter))
        }
        #expect(try count { $0.since = at(50).wall } == ["b"])
        #expect(try count { $0.since = at(101).wall } == [])
        #expect(try count { $0.minimumSeverity = .warning } == ["b"])
        #expect(try count { $0.rule = .foreignABI } == ["b"])
        #expect(try count { $0.rule = .unexpectedCall } == ["a", "b"])
        for name in ["cache-1", "cache-*", "shop/cache", "012345678", "0123456789abcdef", "0123*"] {
            #expect(try count { $0.setContainer(name) } == ["b"])
        }
        for name in ["cache", "01234", "", "1234567"] { #expect(try count { $0.setContainer(name) } == []) }
    }

    @Test("a rotated file that was not written to since is not read")
    func skipsOldFiles() throws {
        try directory.write(Array("no alert\n".utf8), to: "alerts.jsonl.1")
        try write([sample("a")])
        var old = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
        // SAFETY: the path is bridged for the call; two times are read from an array of two.
        #expect(unsafe utimensat(AT_FDCWD, directory.file("alerts.jsonl.1"), &old, 0) == 0)
        var filter = AlertFilter()
        #expect(try log.read(filter).skipped.count == 1)
        filter.since = WallTime(milliseconds: 1_000_000_000 + 3_700_000)
        #expect(try log.read(filter).skipped.isEmpty)
        #expect(names(try log.read(filter)) == ["a"])
    }

    @Test("of more incidents than the limit the newest are kept, and the rest are counted")
    func limit() throws {
        try write((0..<100).map { sample("c\($0)", at: Double($0)) })
        let result = try AlertLog(path: directory.file("alerts.jsonl"), limit: 10).read()
        #expect(names(result) == (90..<100).map { "c\($0)" })
        #expect(result.omitted == 90)
    }

    @Test("an id that is not there, or not unique, is an error that helps")
    func find() throws {
        var one = sample("a")
        var two = sample("b")
        one.id = "abc111111111"
        two.id = "abc222222222"
        try write([one, two])
        #expect(try log.find("abc1") == one)
        #expect(try log.find("ABC222222222") == two)
        #expect(throws: AlertsError.self) { try log.find("") }
        do throws(AlertsError) {
            _ = try log.find("abc")
            Issue.record("two alerts begin like that")
        } catch {
            #expect(error.description.contains("abc111111111, abc222222222"))
        }
        do throws(AlertsError) {
            _ = try log.find("\u{1B}")
            Issue.record("there is no such alert")
        } catch {
            #expect(error.description.contains("the alert \\u{001b}"))
        }
    }

    @Test("a store that is not there is an error with a remedy, an empty one is not")
    func missing() throws {
        do throws(AlertsError) {
            _ = try log.read()
            Issue.record("there is no store")
        } catch {
            #expect(error.description.contains("No such file or directory; start ringfenced"))
        }
        try write([])
        #expect(try log.read().alerts.isEmpty)
    }

    @Test("following gives each alert once: through half lines, a rotation and a store that is not there yet")
    func follow() throws {
        var position = FollowPosition()
        #expect(try log.follow(&position).isEmpty)
        let a = try sample("a").line()
        let b = try sample("b").line()
        try directory.write(a + b.prefix(20), to: "alerts.jsonl")
        #expect(try log.follow(&position).map { $0.items.first?.item.name } == ["a"])
        #expect(try log.follow(&position).isEmpty)
        let file = try Descriptor(opening: directory.file("alerts.jsonl"), 0o2001)  // O_WRONLY | O_APPEND
        try file.write(Array(b.dropFirst(20)), to: "alerts.jsonl")
        try FileTree.rename(directory.file("alerts.jsonl"), to: directory.file("alerts.jsonl.1"))
        try write([sample("c")])
        #expect(try log.follow(&position).map { $0.items.first?.item.name } == ["b", "c"])
        #expect(try log.follow(&position).isEmpty)
        let result = try log.read()
        position = result.position
        #expect(try log.follow(&position).isEmpty)
    }
}
