// SPDX-License-Identifier: Apache-2.0
import Alerts
import Testing

@Suite("Severity")
struct SeverityTests {
    @Test("distinct items of one container add up within 60 s: notice, warning from 3, critical from 6")
    func adds() {
        var book = IncidentBook(host: host)
        var severities: [Severity] = []
        for (name, seconds) in [("a", 0.0), ("b", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5), ("f", 6)] {
            severities += book.add(call(name, at: seconds), now: at(seconds)).map(\.severity)
        }
        #expect(severities == [.notice, .warning, .critical])
    }

    @Test("items more than 60 s apart do not add up")
    func forgets() {
        var book = IncidentBook(host: host)
        for number in 0..<10 {
            let seconds = Double(number) * 61
            let alerts = book.add(call("c\(number)", at: seconds), now: at(seconds))
            #expect(alerts.filter { $0.revision == 1 }.map(\.severity) == [.notice])
        }
    }

    @Test("tier 0 is always critical, tier 1 a warning while learning and critical in monitoring")
    func tiers() {
        for state in [ProfileStanding.State.learning, .ready, .monitoring] {
            #expect(call("ptrace", at: 0, tier: 0, state: state).severity(score: 0) == .critical)
            let expected: Severity = state == .learning ? .warning : .critical
            #expect(call("mount", at: 0, tier: 1, state: state).severity(score: 0) == expected)
        }
    }

    @Test("a profile that is not ready raises notices only")
    func learning() {
        #expect(exec("/bin/sh", at: 0, state: .learning).severity(score: 100) == .notice)
        #expect(exec("/bin/sh", at: 0).severity(score: 3) == .warning)
        #expect(exec("/bin/sh", at: 0).severity(score: 2.999) == .notice)
        #expect(exec("/bin/sh", at: 0).severity(score: 6) == .critical)
    }

    @Test("a call of tier 1 is one warning for a profile that learns, until it is decided")
    func held() {
        var book = IncidentBook(host: host)
        func seen(_ seconds: Double, _ state: ProfileStanding.State = .learning) -> [Severity] {
            book.add(call("mount", at: seconds, weight: 3, tier: 1, state: state), now: at(seconds)).map(\.severity)
        }
        #expect(seen(0) == [.warning])
        _ = book.service(now: at(700))
        #expect(book.count == 0)
        #expect(seen(701) == [])
        #expect(book.counters.heldAgain == 1)
        book.forgetHeld(FindingItem(.call, "mount", abi: "x86_64"), profile: "shop/web")
        #expect(seen(702) == [.warning])
        #expect(seen(703, .monitoring) == [.critical])
    }

    @Test("numbers that are none do not get into a score or an alert")
    func notANumber() throws {
        var book = IncidentBook(host: host)
        for weight in [Double.nan, .infinity, -3] {
            let alerts = book.add(call("c\(weight)", at: 0, weight: weight), now: at(0))
            for alert in alerts { #expect(try alert.line().last == 0x0A) }
        }
        #expect(try book.closeAll(now: at(1)).allSatisfy { try $0.score == 0 && Alert(line: $0.line()) == $0 })
    }

    @Test("every rule has its own gravity, a title, an explanation, and severities have journald's priorities")
    func rules() {
        #expect(Set(AlertRule.allCases.map(\.gravity)).count == AlertRule.allCases.count)
        #expect(AlertRule.allCases.allSatisfy { !$0.title.isEmpty && !$0.explanation.isEmpty })
        #expect(Severity.allCases.map(\.journalPriority) == [5, 4, 2])
        #expect(
            AlertRule.allCases.map(\.rawValue).sorted() == [
                "engine-socket", "exec-session", "foreign-abi", "gap", "health", "io-uring-operation", "loss",
                "migration", "never-allow-call", "new-address", "new-credentials", "new-destination", "new-listener",
                "new-parent", "out-of-range-call", "replaced-executable", "seccomp-denied", "tamper", "test",
                "unexpected-call", "unexpected-container", "unexpected-executable",
            ])
    }
}
