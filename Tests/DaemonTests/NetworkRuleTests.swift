// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
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
            var kind = FindingItem.Kind.peer
            /// Whether `what` is only how the sentence goes on: arguments follow.
            var isCut = false
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
                words: "chosen=192.0.2.9=5353", rule: .newDestination, item: "send/udp/192.0.2.9:5353",
                what: "sent to 192.0.2.9:5353 (udp)"),
            Case(
                words: "wait=0.0.0.0=4445", rule: .newListener, item: "listen/tcp/*:4445",
                what: "listens at port 4445 that others can reach (tcp)", technique: "T1571"),
            Case(
                words: "bind=0.0.0.0=4444", rule: .newListener, item: "listen/udp/*:4444",
                what: "listens at port 4444 that others can reach (udp)", technique: "T1571"),
            Case(
                words: "unix=/run/docker.sock", rule: .engineSocket, item: "unix//run/docker.sock",
                what: "connected to the unix socket /run/docker.sock", why: "whoever may speak to it controls the host",
                technique: "T1611", severity: .critical),
            Case(
                words: "unix=@backdoor", rule: .newDestination, item: "unix/@backdoor",
                what: "connected to the unix socket @backdoor"),
            Case(
                words: "family=17", rule: .neverAllowCall, item: "socket:AF_PACKET",
                what: "opened a socket of a new family, AF_PACKET: socket(0x11, 0x3, 0x0", why: "raw network frames",
                technique: "T1040", severity: .critical, kind: .call, isCut: true),
            Case(
                words: "family=40", rule: .neverAllowCall, item: "socket:AF_VSOCK",
                what: "opened a socket of a new family, AF_VSOCK: socket(0x28", why: "past every network rule",
                technique: "T1611", severity: .critical, kind: .call, isCut: true),
            Case(
                words: "family=38", rule: .neverAllowCall, item: "socket:AF_ALG",
                what: "opened a socket of a new family, AF_ALG: socket(0x26", why: "cryptography interface",
                technique: "T1068", severity: .critical, kind: .call, isCut: true),
            Case(
                words: "family=16", rule: .unexpectedCall, item: "socket:AF_NETLINK",
                what: "opened a socket of a new family, AF_NETLINK: socket(0x10", technique: "T1106", kind: .call,
                isCut: true),
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
                "send/udp/192.0.2.53:53", "listen/tcp/loopback:5017", "connect/tcp/127.0.0.1:5017", "listen/udp/*:5018",
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
            try Self.checkNetwork(actors[0], beside: quiet, daemon)
            #expect(try daemon.stop() == 0)
            // Without the daemon there is the profile.
            let filter = try daemon.tool(["network", NetworkContainer.key, "--format", "nftables"])
            #expect(filter.status == 0 && filter.output.contains("elements = { 192.0.2.53 . 53 }"), "\(filter.errors)")
            #expect(filter.output.contains("elements = { 5018 }") && !filter.output.contains("203.0.113"))
            for (actor, this) in expected {
                let alerts = daemon.alerts(of: actor.name)
                #expect(alerts.count == 1, "\(this.words): \(RuleTests.summary(alerts))")
                guard let alert = alerts.first else { continue }
                let abi = this.kind == .call ? CallABI.native.name(on: .current) : nil
                #expect(
                    alert.items.map(\.item) == [FindingItem(this.kind, this.item, abi: abi)],
                    "\(RuleTests.summary(alerts))")
                #expect(alert.rule == this.rule && alert.severity >= this.severity && alert.losses.isNone)
                let process = try #require(alert.process)
                let what = "/run/network (pid \(process.tgid)) \(this.what)"
                #expect(this.isCut ? alert.what.hasPrefix(what) : alert.what == what, "\(alert.what)")
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

        /// What `ringfence network` says while a container has the address that `actor` connected to.
        private static func checkNetwork(
            _ actor: NetworkContainer, beside quiet: NetworkContainer, _ daemon: RunningDaemon
        ) throws {
            try quiet.add(address: "203.0.113.7/32")
            let table = try daemon.tool(["network"])
            #expect(table.status == 0, "\(table.errors)")
            let heading = "\(quiet.name) (docker, profile \(NetworkContainer.key), monitoring) at 203.0.113.7"
            let lines = table.output.split(separator: "\n")
            #expect(lines.contains { $0 == heading }, "\(table.output)")
            let new = lines.filter { $0.hasPrefix("  NEW") }
            #expect(
                new.contains { $0.contains("203.0.113.7:443") && $0.contains(" \(quiet.name) ") }, "\(table.output)")
            #expect(new.contains { $0.contains("listens tcp ") && $0.contains(" *:4445 ") }, "\(table.output)")
            #expect(!new.contains { $0.contains("192.0.2.53:53") })

            let answer = try daemon.json(["network", actor.name])
            let shown = try #require(answer["containers"]?.elements)
            #expect(shown.map { $0["name"]?.text } == [actor.name])
            let peers = shown.first?["peers"]?.elements ?? []
            let peer = try #require(peers.first { $0["entry"]?.text == "connect/tcp/203.0.113.7:443" })
            #expect(peer["isNew"]?.bool == true && peer["count"]?.integer == 1)
            #expect(peer["containers"]?.elements?.map { $0["name"]?.text } == [quiet.name])
            #expect(peer["executables"]?.elements?.map(\.text) == ["/run/network"])
            let known = try #require(peers.first { $0["entry"]?.text == "connect/tcp/127.0.0.1:9" })
            #expect(known["standing"]?.text == "learned" && known["refused"] == known["count"])
            #expect((known["count"]?.integer ?? 0) > 1 && known["first"]?.text ?? "" < known["last"]?.text ?? "")

            let graph = try daemon.tool(["network", "--format", "dot"])
            #expect(graph.output.contains("[label=\"tcp/443 x1 NEW\", color=red"), "\(graph.output)")
            let policy = try daemon.tool(["network", actor.name, "--format", "networkpolicy"])
            #expect(policy.output.contains(#"- ipBlock: {cidr: "192.0.2.53/32"}"#), "\(policy.errors)")
            #expect(policy.output.contains(#"{protocol: "UDP", port: 5018}"#) && !policy.output.contains("203.0.113.7"))
            let missing = try daemon.tool(["network", "nobody"])
            #expect(missing.status == 69 && missing.errors.contains("no running container is called nobody"))
        }
    }
}
