// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import Events
import FoundationEssentials
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Network peers over time", .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
    struct NetworkStoryTests {
        private static let held = "peers/unix//run/docker.sock"

        /// What is new while a profile learns: IPv4, IPv6, v4-mapped, the metadata service, datagrams, listeners.
        private static let early =
            "hasty=203.0.113.7=443 hasty=2001:db8::7=443 hasty=::ffff:203.0.113.10=443 hasty=169.254.169.254=80 "
            + "udp=192.0.2.9=5353 wait=0.0.0.0=4445 bind=0.0.0.0=4444"
        private static let earlyNames = [
            "connect/tcp/203.0.113.7:443", "connect/tcp/[2001:db8::7]:443", "connect/tcp/203.0.113.10:443",
            "connect/tcp/169.254.169.254:80", "send/udp/192.0.2.9:5353", "listen/tcp/*:4445", "listen/udp/*:4444",
        ]
        private static let families = ["socket:AF_ALG", "socket:AF_PACKET", "socket:AF_VSOCK"]

        @Test(
            "while learning peers are learned; engine sockets and grave families are told once and held; a person decides",
            .timeLimit(.minutes(5)))
        func learning() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let container = try NetworkContainer()
            try #require(Shell.eventually { daemon.state(of: NetworkContainer.key) == .learning }, "\(daemon.words)")
            let seesUnix = try Self.seesUnix(daemon)
            container.tell("unix=/run/docker.sock \(Self.early)")
            let raw = try NetworkContainer()
            raw.tell("family=17 family=38 family=40")
            try #require(Shell.eventually { !daemon.alerts(of: raw.name).isEmpty }, "\(daemon.words)")
            #expect(try Engine.docker.exec(container.name, ["/run/network", "hasty=203.0.113.8=443"]).status == 0)
            // Again in every epoch, and told no more.
            try NetworkContainer.learn([container], daemon, "unix=/run/docker.sock")
            #expect(try daemon.stop() == 0)
            let profile = try #require(try daemon.profile(NetworkContainer.key))
            let peers = try #require(profile.peers)
            for name in Self.earlyNames {
                #expect(peers[name]?.phases.keys.sorted() == ["workload"], "\(name): \(peers.keys)")
            }
            #expect(peers["connect/tcp/203.0.113.8:443"]?.phases.keys.sorted() == ["session"])
            let policy = CompiledPolicy(profile, allows: AllowLayer(), now: Date()).peers
            for name in Self.earlyNames { #expect(try policy.allows(#require(PeerName(name))), "\(name)") }
            #expect(try !policy.allows(#require(PeerName("connect/tcp/203.0.113.8:443"))))
            #expect(!policy.allows(PeerName(unix: "/run/docker.sock")))
            let grave = try #require(daemon.alerts(of: raw.name).first)
            #expect(
                daemon.alerts(of: raw.name).count == 1 && grave.rule == .neverAllowCall && grave.severity == .warning)
            #expect(grave.items.map(\.item.name).sorted() == Self.families && grave.profile?.state == .learning)
            #expect(grave.what.contains(" opened a socket of a new family, AF_"), "\(grave.what)")
            guard seesUnix else { return #expect(daemon.alerts(of: container.name).isEmpty) }
            #expect(profile.heldEntries == [Self.held])
            let alerts = daemon.alerts(of: container.name)
            #expect(alerts.count == 1, "\(RuleTests.summary(alerts))")
            let alert = try #require(alerts.first)
            #expect(alert.rule == .engineSocket && alert.severity == .warning && alert.profile?.state == .learning)
            #expect(alert.items.map(\.item) == [FindingItem(.peer, "unix//run/docker.sock")])
            // Accepted, it is part of the profile from then on.
            try daemon.start()
            let decided = try daemon.tool([
                "profile", "approve", NetworkContainer.key, "unix//run/docker.sock", "--reason", "an agent",
            ])
            #expect(
                decided.status == 0 && decided.output.contains(Self.held) || decided.status == 0, "\(decided.errors)")
            #expect(try daemon.profile(NetworkContainer.key)?.heldEntries == [])
            let another = try NetworkContainer()
            another.tell("\(NetworkContainer.habit) unix=/run/docker.sock hasty=203.0.113.9=443")
            #expect(Shell.eventually { !daemon.alerts(of: another.name).isEmpty }, "\(daemon.words)")
            #expect(try daemon.stop() == 0)
            let items = daemon.alerts(of: another.name).flatMap(\.items).map(\.item.name)
            #expect(items == ["connect/tcp/203.0.113.9:443"], "\(RuleTests.summary(daemon.alerts()))")
        }

        @Test(
            "a flood of new peers is one incident with a count, and what is not kept is told as a loss",
            .timeLimit(.minutes(5)))
        func flood() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let noisy = try NetworkContainer()
            let quiet = try NetworkContainer()
            try NetworkContainer.learn([noisy, quiet], daemon)
            noisy.tell("spread=127.0.0.1=3000")
            quiet.tell("hasty=203.0.113.7=443")
            let isTold = Shell.eventually {
                daemon.alerts(of: noisy.name).contains { $0.rule == .loss }
                    && daemon.alerts(of: quiet.name).contains { $0.rule == .newDestination }
            }
            #expect(isTold, "\(RuleTests.summary(daemon.alerts())) \(daemon.words)")
            #expect(try daemon.stop() == 0)
            let alerts = daemon.alerts(of: noisy.name).filter { $0.rule != .loss }
            #expect(alerts.count == 1, "\(RuleTests.summary(alerts))")
            let alert = try #require(alerts.first)
            // 1024 are kept of a cgroup, the learned ones among them; most had no record.
            #expect(alert.rule == .newDestination && alert.count > 900 && alert.itemsOmitted > 800, "\(alert.count)")
            #expect(alert.items.allSatisfy { $0.item.name.hasPrefix("send/udp/127.0.0.1:") })
            let loss = try #require(daemon.alerts(of: noisy.name).first { $0.rule == .loss })
            #expect(loss.what.contains("contacted more network peers than are kept"), "\(loss.what)")
            #expect(daemon.alerts(of: quiet.name).count == 1)
        }

        @Test(
            "an exec session's contact is part of its incident; what happened without a daemon is told by the next, once",
            .timeLimit(.minutes(5)))
        func sessionsAndRestarts() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let (entered, watched) = (try NetworkContainer(), try NetworkContainer())
            try NetworkContainer.learn([entered, watched], daemon)
            func told(_ kind: FindingItem.Kind, _ container: NetworkContainer) -> Bool {
                daemon.alerts(of: container.name).contains { $0.items.contains { $0.item.kind == kind } }
            }
            let old = try NetworkContainer()
            old.tell("hasty=203.0.113.9=443 hasty=203.0.113.9=443")
            #expect(Shell.eventually { told(.peer, old) }, "\(daemon.words)")
            daemon.kill()
            watched.tell("hasty=203.0.113.7=443")
            try daemon.start()
            #expect(Shell.eventually { told(.peer, watched) }, "\(daemon.words)")
            #expect(try Engine.docker.exec(entered.name, ["/run/network", "tcp=203.0.113.8=443"]).status == 0)
            #expect(Shell.eventually { told(.session, entered) }, "\(daemon.words)")
            #expect(try daemon.stop() == 0)
            let session = daemon.alerts(of: entered.name)
            #expect(session.count == 1 && session.first?.rule == .execSession, "\(RuleTests.summary(session))")
            #expect(
                session.first?.items.map(\.item)
                    == [
                        FindingItem(.session, "/run/network"), FindingItem(.sessionPeer, "connect/tcp/203.0.113.8:443"),
                    ],
                "\(RuleTests.summary(session))")
            // What was told before it was killed is not told again; counts may be, where that had not told them.
            let former = daemon.alerts(of: old.name)
            #expect(former.flatMap(\.items).reduce(0) { $0 + $1.count } <= 2, "\(RuleTests.summary(former))")
            #expect(former.count == 1 || former.allSatisfy { $0.count == 1 }, "\(RuleTests.summary(former))")
            let alerts = daemon.alerts(of: watched.name)
            #expect(alerts.map(\.rule) == [.newDestination], "\(RuleTests.summary(alerts))")
            #expect(alerts.first?.items.map(\.item.name) == ["connect/tcp/203.0.113.7:443"])
            #expect(alerts.first?.why.contains("its record was lost") == true || alerts.first?.process?.argv != nil)
        }

        @Test("without Network=yes nothing of it is watched, and status says so", .timeLimit(.minutes(2)))
        func off() throws {
            let daemon = try RunningDaemon(kernel: "Network=no")
            try daemon.start()
            let container = try NetworkContainer()
            container.tell(NetworkContainer.habit)
            #expect(Shell.eventually { daemon.state(of: NetworkContainer.key) == .learning }, "\(daemon.words)")
            #expect(try daemon.profile(NetworkContainer.key)?.peers == nil)
            let network = try daemon.json(["status"])["network"]
            #expect(network?["isWatched"]?.bool == false && network?["reason"]?.text == "Network=no")
            #expect(try daemon.tool(["status"]).output.contains("network addresses are not watched: Network=no"))
            #expect(try !RunningDaemon.programs().contains { $0.contains("rf_connect4") })
        }

        /// Whether this kernel has the hook that sees unix sockets.
        private static func seesUnix(_ daemon: RunningDaemon) throws -> Bool {
            let network = try #require(try daemon.json(["status"])["network"])
            #expect(network["isWatched"]?.bool == true)
            return network["missing"]?.elements?.contains { $0.text?.hasPrefix("connections to unix") == true } != true
        }
    }
}
