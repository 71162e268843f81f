// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Rules")
    struct RuleTests {
        /// What a service does once its profile is compared, and what must come of it.
        private struct Case {
            let line: String
            let rule: AlertRule
            let item: String
            var severity = Severity.notice
            var kind = FindingItem.Kind.call
        }

        private static let cases = [
            // setpgid: an ordinary call.
            Case(line: "call 109", rule: .unexpectedCall, item: "setpgid"),
            Case(line: "call 101 0", rule: .neverAllowCall, item: "ptrace", severity: .critical),
            Case(line: "call 272 0x10000000", rule: .neverAllowCall, item: "unshare", severity: .critical),
            Case(line: "socket 17", rule: .neverAllowCall, item: "socket:AF_PACKET", severity: .critical),
            Case(line: "foreign 20", rule: .foreignABI, item: "getpid"),
            Case(line: "run /usr/bin/true", rule: .unexpectedExecutable, item: "/usr/bin/true", kind: .executable),
            Case(line: "odd 3", rule: .outOfRangeCall, item: "#100000"),
            // Its set-up is a never-allow call, and the graver of the two.
            Case(
                line: "ring 1", rule: .neverAllowCall, item: "IORING_OP_OPENAT", severity: .critical, kind: .ioOperation
            ),
        ]

        @Test("each rule raises one incident for what it is about, and nothing else is raised", .timeLimit(.minutes(2)))
        func monitored() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            try daemon.start()
            let services = try Self.cases.map { _ in try ServiceCgroup() }
            let quiet = try ServiceCgroup()
            let fileless = try ServiceCgroup()
            let all = services + [quiet, fileless]
            try Self.learn(all, daemon)
            #expect(daemon.alerts().isEmpty)
            for (service, this) in zip(services, Self.cases) { service.tell(this.line) }
            fileless.tell("memory \(fileless.program) calls 39")
            let expected = zip(services, Self.cases).map { ($0.name, $1.rule) }
            let isThere = Shell.eventually(seconds: 60) {
                let alerts = daemon.alerts()
                return expected.allSatisfy { name, rule in
                    alerts.contains { $0.container.name == name && $0.rule == rule }
                } && alerts.contains { $0.container.name == fileless.name && $0.rule == .unexpectedExecutable }
            }
            #expect(isThere, "\(daemon.words)")
            // What comes again is counted; what joins an incident is told with its next announcement, here the last.
            let reads = LinePipe.reads(of: services[0].pid)
            services[0].tell("call 109 109 109")
            #expect(Shell.eventually(seconds: 60) { LinePipe.reads(of: services[0].pid) > reads })
            #expect(try daemon.stop() == 0)
            for (service, this) in zip(services, Self.cases) {
                let alerts = daemon.alerts(of: service.name)
                #expect(alerts.count == 1, "\(this.line): \(Self.summary(alerts))")
                guard let alert = alerts.first else { continue }
                #expect(alert.rule == this.rule, "\(this.line): \(Self.summary(alerts))")
                #expect(
                    alert.items.contains { $0.item.name == this.item && $0.item.kind == this.kind },
                    "\(this.line): \(Self.summary(alerts))")
                #expect(alert.severity >= this.severity, "\(this.line)")
                #expect(alert.profile?.state == .monitoring && alert.profile?.key == service.name)
                #expect(alert.losses.isNone)
            }
            #expect(daemon.alerts(of: services[0].name).first?.count == 4)
            let alert = try #require(daemon.alerts(of: fileless.name).first)
            #expect(daemon.alerts(of: fileless.name).count == 1, "\(Self.summary(daemon.alerts()))")
            #expect(alert.items.contains { $0.item.kind == .filelessExecutable }, "\(Self.summary([alert]))")
            #expect(daemon.alerts(of: quiet.name).isEmpty)
            #expect(Set(daemon.alerts().map(\.container.name)).isSubset(of: Set(all.map(\.name))))
        }

        /// Lets services learn what all of them do: run themselves.
        static func learn(_ services: [ServiceCgroup], _ daemon: RunningDaemon) throws {
            try daemon.learn(services.map(\.name)) {
                for service in services { service.tell("run \(service.program) calls 39") }
            }
        }

        static func summary(_ alerts: [Alert]) -> String {
            alerts.map { alert in
                let items = alert.items.map { "\($0.rule.rawValue) \($0.item.text) x\($0.count)" }
                return "\(alert.container.name.prefix(24)) \(alert.severity) \(alert.rule.rawValue): \(items)"
            }.joined(separator: "\n")
        }
    }
}
