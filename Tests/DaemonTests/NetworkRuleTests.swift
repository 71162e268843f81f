// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import FoundationEssentials
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Network rules", .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
    struct NetworkRuleTests {
        /// What a container does once its profile is compared, and what must come of it.
        private struct Case {
            let words: String
            let rule: AlertRule
            let item: String
            let what: String
            var why = "never "
            var technique = "T1071"
            var severity = Severity.notice
        }

        private static let cases = [
            Case(
                words: "hasty=203.0.113.7=443", rule: .newDestination, item: "connect/tcp/203.0.113.7:443",
                what: "connected to 203.0.113.7:443 (tcp)"),
            Case(
                words: "hasty=2001:db8::7=443", rule: .newDestination, item: "connect/tcp/[2001:db8::7]:443",
                what: "connected to [2001:db8::7]:443 (tcp)"),
            Case(
                words: "hasty=::ffff:203.0.113.8=443", rule: .newDestination, item: "connect/tcp/203.0.113.8:443",
                what: "connected to 203.0.113.8:443 (tcp)"),
            Case(
                words: "hasty=169.254.169.254=80", rule: .newDestination, item: "connect/tcp/169.254.169.254:80",
                what: "connected to 169.254.169.254:80 (tcp)", why: "the cloud metadata service", technique: "T1552.005"
            ),
            Case(
                words: "udp=127.0.0.1=53", rule: .newDestination, item: "send/udp/127.0.0.1:53",
                what: "sent to 127.0.0.1:53 (udp)"),
            Case(
                words: "bind=0.0.0.0=4444", rule: .newListener, item: "listen/udp/*:4444",
                what: "listens at port 4444 that others can reach (udp)", technique: "T1571", severity: .notice),
            Case(
                words: "unix=/run/docker.sock", rule: .engineSocket, item: "unix//run/docker.sock",
                what: "connected to the unix socket /run/docker.sock", why: "whoever may speak to it controls the host",
                technique: "T1611", severity: .critical),
            Case(
                words: "unix=@backdoor", rule: .newDestination, item: "unix/@backdoor",
                what: "connected to the unix socket @backdoor"),
        ]

        @Test(
            "whom a container contacts and where it listens is learned; what is new is one alert, a restart is none",
            .timeLimit(.minutes(5)))
        func monitored() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let actors = try Self.cases.map { _ in try NetworkContainer() }
            let quiet = try NetworkContainer()
            var first: NetworkContainer? = try NetworkContainer()
            try NetworkContainer.learn(actors + [quiet, first].compactMap(\.self), daemon)
            #expect(daemon.alerts().isEmpty, "\(RuleTests.summary(daemon.alerts()))")
            let learned = try #require(try daemon.profile(NetworkContainer.key)?.peers)
            for name in [
                "connect/tcp/127.0.0.1:9", "connect/tcp/[::1]:9", "send/udp/127.0.0.1:9", "send/udp/[::1]:9",
                "listen/tcp/loopback:5017", "connect/tcp/127.0.0.1:5017", "listen/udp/*:5018",
            ] {
                #expect(
                    learned[name]?.phases["workload"]?.executables["/run/network"] != nil, "\(name): \(learned.keys)")
            }
            // The same container again, which does what it always did.
            first = nil
            let again = try NetworkContainer()
            again.tell(NetworkContainer.habit)
            for (actor, this) in zip(actors, Self.cases) { actor.tell("\(this.words) \(NetworkContainer.habit)") }
            let seesUnix = learned["unix//run/app"] != nil
            let expected = zip(actors, Self.cases).filter { seesUnix || !$1.item.hasPrefix("unix/") }
            let isThere = Shell.eventually(seconds: 60) {
                expected.allSatisfy { actor, this in daemon.alerts(of: actor.name).contains { $0.rule == this.rule } }
            }
            #expect(isThere, "\(RuleTests.summary(daemon.alerts())) \(daemon.words)")
            #expect(try daemon.stop() == 0)
            for (actor, this) in expected {
                let alerts = daemon.alerts(of: actor.name)
                #expect(alerts.count == 1, "\(this.words): \(RuleTests.summary(alerts))")
                guard let alert = alerts.first else { continue }
                #expect(alert.items.map(\.item) == [FindingItem(.peer, this.item)], "\(RuleTests.summary(alerts))")
                #expect(alert.rule == this.rule && alert.severity >= this.severity && alert.losses.isNone)
                let process = try #require(alert.process)
                #expect(alert.what == "/run/network (pid \(process.tgid)) \(this.what)", "\(alert.what)")
                #expect(process.executable == "/run/network" && !process.ancestry.isEmpty && alert.count == 1)
                #expect(alert.why.contains(this.why), "\(alert.why)")
                #expect(alert.technique?.id == this.technique && alert.container.image == "rf-busybox")
                #expect(alert.profile?.state == .monitoring && alert.profile?.key == NetworkContainer.key)
                #expect(alert.next.contains { $0.hasPrefix("ringfence allow \(alert.id)") })
            }
            let names = Set(expected.map(\.0.name))
            let others = daemon.alerts().filter { !names.contains($0.container.name) }
            #expect(others.isEmpty, "\(RuleTests.summary(others))")
        }
    }
}
