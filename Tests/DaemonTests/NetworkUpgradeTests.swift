// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    /// Programs of another make take the place of those that kept a container's network peers.
    @Suite("Network peers over an upgrade", .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
    struct NetworkUpgradeTests {
        @Test(
            "what was contacted between two daemons of different make is told once; what was told before is not told again",
            .timeLimit(.minutes(5)))
        func monitored() throws {
            let daemon = try RunningDaemon()
            let receiver = try DatagramReceiver(path: daemon.workspace.file("notify"))
            let notified = ["NOTIFY_SOCKET": daemon.workspace.file("notify")]
            try daemon.start(environment: notified)
            let (early, late, quiet) = (try NetworkContainer(), try NetworkContainer(), try NetworkContainer())
            try NetworkContainer.learn([early, late, quiet], daemon)
            let before = try #require(try daemon.profile(NetworkContainer.key))
            early.tell("hasty=203.0.113.7=443 hasty=203.0.113.7=443")
            #expect(Shell.eventually { !daemon.alerts(of: early.name).isEmpty }, "\(daemon.words)")
            try early.waitUntilIdle()
            #expect(try daemon.stop(SIGTERM) == 0)
            late.tell("\(NetworkContainer.habit) hasty=203.0.113.8=443 hasty=203.0.113.8=443 wait=0.0.0.0=4445")
            try late.waitUntilIdle()
            try daemon.configure("[Daemon]\nSlots=2048\n")
            try daemon.start(environment: notified)
            #expect(daemon.words.contains("programs of another make were replaced"), "\(daemon.words)")
            #expect(Shell.eventually { !daemon.alerts(of: late.name).isEmpty }, "\(daemon.words)")
            for container in [early, late, quiet] { container.tell(NetworkContainer.habit) }
            for container in [early, late, quiet] { try container.waitUntilIdle() }
            #expect(try daemon.stop(SIGTERM) == 0)
            for _ in 0..<2 {
                try daemon.start(environment: notified)
                #expect(try daemon.stop(SIGTERM) == 0)
            }
            #expect(Self.items(daemon, early) == ["connect/tcp/203.0.113.7:443 2"])
            #expect(Self.items(daemon, late) == ["connect/tcp/203.0.113.8:443 2", "listen/tcp/*:4445 1"])
            #expect(daemon.alerts(of: quiet.name).isEmpty, "\(RuleTests.summary(daemon.alerts()))")
            let after = try #require(try daemon.profile(NetworkContainer.key))
            #expect(after.peers?.keys.sorted() == before.peers?.keys.sorted())
            #expect(receiver.take() != nil)
        }

        @Test(
            "while learning, what replaced programs kept and no epoch had saved is part of the profile",
            .timeLimit(.minutes(5)))
        func learning() throws {
            let daemon = try RunningDaemon(learning: "[Learning]\nWindow=24h\nEpoch=10m\nShare=5%\n")
            try daemon.start()
            let container = try NetworkContainer()
            container.tell("\(NetworkContainer.habit) hasty=2001:db8::7=443")
            try container.waitUntilIdle()
            #expect(try daemon.profile(NetworkContainer.key)?.peers == nil, "no epoch is over")
            daemon.kill()
            try daemon.configure("[Daemon]\nSlots=2048\n")
            try daemon.start()
            container.tell("hasty=203.0.113.8=443")
            try container.waitUntilIdle()
            #expect(try daemon.stop() == 0)
            let peers = try #require(try daemon.profile(NetworkContainer.key)?.peers, "\(daemon.words)")
            for name in [
                "connect/tcp/[2001:db8::7]:443", "connect/tcp/203.0.113.8:443", "send/udp/192.0.2.53:53",
                "listen/udp/*:5018",
            ] {
                #expect(peers[name]?.phases["workload"]?.executables.keys.sorted() == ["/run/network"], "\(peers)")
            }
            #expect(daemon.alerts().map(\.rule) == [.gap], "\(RuleTests.summary(daemon.alerts()))")
        }

        /// What alerts tell of a container, and how often.
        private static func items(_ daemon: RunningDaemon, _ container: NetworkContainer) -> [String] {
            daemon.alerts(of: container.name).flatMap(\.items).map { "\($0.item.name) \($0.count)" }.sorted()
        }
    }
}
