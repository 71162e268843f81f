// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import FoundationEssentials
import Platform
import Profiles
import Testing

@testable import CommandLineTool

@Suite("What the daemon's verbs print")
struct RenderingTests {
    private func value(_ json: String) throws -> JSONValue { try JSONValue(parsing: Array(json.utf8)) }

    @Test("status names what is missing and why, what was lost, and sums up memory")
    func status() throws {
        let status = try value(
            #"""
            {"version":"1.0","host":"box","kernel":"6.1","pid":7,"uptimeSeconds":90061,"scope":"containers",
            "isTakenOver":true,"programs":[{"name":"rf_sys_enter","isAttached":true},
            {"name":"rf_io_uring_req","isAttached":false,"missing":"no such tracepoint","loss":"io_uring is not seen"}],
            "missingPins":["/sys/fs/bpf/x"],"heartbeat":{"kernel":0.5},"slots":{"used":3,"total":4096},
            "profiles":{"total":2,"saveFailures":1,"saveFailure":"disk full","unreadable":{"shop/web":"it is torn"}},
            "losses":{"cgroups":4,"executables":5,"tasks":6},"queues":{"records":{"waiting":1,"passed":2,"dropped":3}},
            "sinks":[{"name":"program curl","waiting":1,"delivered":2,"dropped":3,"failed":1,"lastError":"no route"}],
            "maps":[{"name":"rf_slots","bytes":2048},{"name":"rf_subs","bytes":1024}],"mapBytes":3072,"rssBytes":10240,
            "accounts":{"produced":6,"delivered":3,"suppressed":2,"dropped":1},
            "accountOfContainers":[{"name":"web","produced":6,"delivered":3,"suppressed":2,"dropped":1}],
            "accountsOmitted":2,
            "executions":{"isWatched":true,"edges":7,"credentials":8,"lostEdges":9,"lostCredentials":10}}
            """#)
        let lines = StatusText.lines(status)
        let text = lines.joined(separator: "\n")
        for words in [
            "ringfenced 1.0 on box (Linux 6.1), pid 7, up 1 d 1 h", "taken over", "programs: 1 of 2 attached",
            "missing rf_io_uring_req: io_uring is not seen (no such tracepoint)", "its pin was removed: /sys/fs/bpf/x",
            "0.5 s ago", "slots: 3 of 4096", "4 cgroups, 5 executables, 6 tasks", "cannot save: disk full",
            "unreadable: shop/web: it is torn", "program curl fails: no route", "all maps", "3 KiB",
            "and 2 containers with smaller accounts",
            "7 edges and 8 credentials are kept; 9 executions and 10 sights of credentials found no room",
        ] { #expect(text.contains(words), "\(words) in \(text)") }
        let row = try #require(lines.first { $0.hasPrefix("  web ") })
        #expect(row.split(separator: " ") == ["web", "6", "3", "2", "1"])
    }

    @Test("an answer without a single member is no reason to stop")
    func emptyStatus() {
        #expect(StatusText.lines(.null).count > 5)
        #expect(ContainerText.lines([.null]).count == 2)
        #expect(ProfileText.list([.null]).count == 2 && AllowCommand.lines([.null]).count == 2)
    }

    @Test("containers have a line each under a heading, those without a name the beginning of their id")
    func containers() throws {
        let id = String(repeating: "ab", count: 32)
        let list = try value(
            #"[{"name":"web","id":"\#(id)","engine":"docker","image":"nginx","key":"shop/web","state":"monitoring","readiness":"is compared","lastAlert":"2026-11-21T08:00:00.123Z","partial":[]},"#
                + #"{"name":"\#(id)","id":"\#(id)","engine":"runc","key":"k","state":"learning","readiness":"needs","partial":["late"]}]"#
        )
        let lines = ContainerText.lines(list.elements ?? [])
        #expect(lines.count == 3 && lines[0].hasPrefix("NAME"))
        #expect(lines[1].contains("2026-11-21T08:00:00  is compared"))
        #expect(lines[2].hasPrefix(id.prefix(24) + "  runc    -") && lines[2].contains("learning (partial)"))
        #expect(ContainerText.lines([]).count == 1)
    }

    @Test("what is allowed shows whether it still counts, and who took it back")
    func allows() throws {
        let list = try value(
            #"""
            [{"entry":"calls/x86_64/ptrace","scope":"all","author":"ann","date":"D","reason":"R","isActive":true},
            {"entry":"e","scope":"key k","author":"ann","date":"D","reason":"R","isActive":true,"expires":"E"},
            {"entry":"e","scope":"key k","author":"ann","date":"D","reason":"R","isActive":false,"expires":"E"},
            {"entry":"e","scope":"key k","author":"ann","date":"D","reason":"R","isActive":false,"revokedBy":"bob"}]
            """#)
        let lines = AllowCommand.lines(list.elements ?? [])
        #expect(lines[1].contains("  allowed  ") && lines[2].contains("  until E  "))
        #expect(lines[3].contains("  expired E  ") && lines[4].contains("  taken back by bob  "))
    }

    @Test("a verification says what is wrong, and an audit line who did what to what and why")
    func audit() throws {
        #expect(AuditCommand.verdict(try value(#"{"isIntact":true,"records":2}"#)) == ["the audit is whole: 2 records"])
        let bad = AuditCommand.verdict(
            try value(#"{"isIntact":false,"records":1,"flaw":"line 2: changed","missingTail":"3 records"}"#))
        #expect(
            bad.count == 3 && bad[0].contains("NOT whole") && bad[1].contains("line 2") && bad[2].contains("3 records"))
    }

    @Test("a change of a profile says what holds now, and how to accept what is held")
    func changes() throws {
        let answer = try value(#"{"key":"web","held":["calls/x86_64/ptrace"],"containers":["a","b"],"replaced":true}"#)
        #expect(
            ProfileText.change(.import, answer) == [
                "the profile web is compared from now on: a, b",
                "what was there is kept as .previous beside its file",
                "held for review: calls/x86_64/ptrace; to accept it: ringfence profile approve 'web' calls/x86_64/ptrace",
            ])
        #expect(ProfileText.change(.approve, try value(#"{"key":"w"}"#)) == ["the profile w is compared from now on"])
        #expect(ProfileText.change(.lock, try value(#"{"key":"w","isLocked":true}"#)) == ["the profile w is locked"])
    }

    @Test("a test of the sinks is done when each has delivered one more, and says which has not")
    func sinks() throws {
        let before = try value(#"[{"name":"a","delivered":1},{"name":"b","delivered":4}]"#).elements ?? []
        let after = try value(#"[{"name":"a","delivered":2},{"name":"b","delivered":4,"lastError":"refused"}]"#)
            .elements
        let report = SinkReport(before, after ?? [])
        #expect(!report.isDone)
        #expect(report.lines == ["a: the test alert was delivered", "b: the test alert waits: refused"])
        #expect(SinkReport([], []).isDone && SinkReport([], []).lines.count == 1)
    }

    @Test("text that acts on a terminal is escaped, whoever let it through")
    func hostile() throws {
        let list = try value(#"[{"name":"w\u001b[2J","id":"i","engine":"docker","key":"k\u202e","state":"learning"}]"#)
        let lines = ContainerText.lines(list.elements ?? []).map { HostileText.printable($0) }
        #expect(lines.allSatisfy { HostileText.isEscaped($0) } && lines[1].contains("w\\u{001b}[2J"))
    }

    @Test("lengths of time are said in their two largest units")
    func spans() {
        #expect(
            [0, 59, 60, 3599, 3600, 90_000].map(StatusText.span) == [
                "0 s", "59 s", "1 min", "59 min", "1 h 0 min", "1 d 1 h",
            ])
    }
}
