// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import Events
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Names of addresses", .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
    struct NameRuleTests {
        /// Each container has one of its own there, on its loopback.
        private static let resolver = "127.0.0.99"
        private static let habit = "name=\(resolver)=api.example.com=443"

        private static func container() throws -> NetworkContainer {
            let container = try NetworkContainer(resolver: resolver)
            try container.answer("set=203.0.113.7=api.example.com")
            return container
        }

        @Test(
            "a name is learned in its addresses' place; a new address of it is a notice, a new name a new destination",
            .timeLimit(.minutes(5)))
        func learned() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let moving = try Self.container()
            let asking = try Self.container()
            let forging = try Self.container()
            let robbing = try Self.container()
            let quiet = try Self.container()
            let all = [moving, asking, forging, robbing, quiet]
            try NetworkContainer.learn(all, daemon, Self.habit)
            let profile = try #require(try daemon.profile(NetworkContainer.key))
            let peers = try #require(profile.peers)
            #expect(peers["connect/tcp/api.example.com:443"]?.phases["workload"] != nil, "\(peers.keys.sorted())")
            #expect(peers["connect/tcp/203.0.113.7:443"] == nil && peers["send/udp/\(Self.resolver):53"] != nil)
            #expect(profile.addresses == ["api.example.com": ["203.0.113.7"]])
            #expect(daemon.alerts().isEmpty, "\(RuleTests.summary(daemon.alerts()))")
            let network = try daemon.tool(["network", quiet.name]).output
            #expect(network.contains("203.0.113.7:443") && network.contains("api.example.com"), "\(network)")
            let names = try #require(try daemon.json(["status"])["network"]?["names"])
            #expect(names["isRead"]?.bool == true && names["malformed"]?.number == 0, "\(names)")

            try moving.answer("set=203.0.113.99=api.example.com")
            try asking.answer("set=203.0.113.66=evil.example")
            try forging.answer("set=203.0.113.77=api.example.com forge=1=0")
            try robbing.answer("set=169.254.169.254=api.example.com")
            let evil = "name=\(Self.resolver)=evil.example=443"
            func alert(_ container: NetworkContainer, after words: String? = nil) throws -> Alert {
                if let words { container.tell(words) }
                try #require(
                    Shell.eventually(seconds: 60) { !daemon.alerts(of: container.name).isEmpty }, "\(daemon.words)")
                return try #require(daemon.alerts(of: container.name).first)
            }
            let moved = try alert(moving, after: Self.habit)
            #expect(moved.rule == .newAddress && moved.severity == .notice, "\(RuleTests.summary([moved]))")
            #expect(moved.items.map(\.item.name) == ["connect/tcp/203.0.113.99:443"])
            #expect(moved.why.contains("an address that api.example.com did not have before"), "\(moved.why)")
            let asked = try alert(asking, after: evil)
            #expect(asked.rule == .newDestination && asked.items.map(\.item.name) == ["connect/tcp/evil.example:443"])
            #expect(asked.what.hasSuffix("connected to evil.example:443 (tcp) at 203.0.113.66"), "\(asked.what)")
            let forged = try alert(forging, after: Self.habit)
            #expect(forged.rule == .newDestination, "\(RuleTests.summary([forged]))")
            #expect(forged.items.map(\.item.name) == ["connect/tcp/203.0.113.77:443"])
            let robbed = try alert(robbing, after: Self.habit)
            #expect(robbed.rule == .newDestination && robbed.why.contains("the cloud metadata service"))
            #expect(robbed.items.map(\.item.name) == ["connect/tcp/169.254.169.254:443"])

            // The next daemon knows no names until they are asked for; what was known or told stays so.
            daemon.kill()
            try daemon.start()
            for container in [quiet, asking] { container.tell("hasty=203.0.113.7=443 hasty=203.0.113.7=443") }
            try quiet.waitUntilIdle()
            let late = try Self.container()
            late.tell("hasty=203.0.113.55=443")
            _ = try alert(late)
            #expect(try daemon.stop() == 0)
            #expect(daemon.alerts(of: quiet.name).isEmpty, "\(RuleTests.summary(daemon.alerts(of: quiet.name)))")
            for container in [moving, asking, forging, robbing] {
                let alerts = daemon.alerts(of: container.name)
                #expect(alerts.count == 1 && alerts.first?.items.count == 1, "\(RuleTests.summary(alerts))")
            }
        }

        @Test(
            "without ResolveNames=yes no name is read, addresses are learned, and status says so",
            .timeLimit(.minutes(3)))
        func off() throws {
            let daemon = try RunningDaemon(kernel: "ResolveNames=no")
            try daemon.start()
            let container = try Self.container()
            try NetworkContainer.learn([container], daemon, Self.habit)
            let profile = try #require(try daemon.profile(NetworkContainer.key))
            #expect(profile.peers?["connect/tcp/203.0.113.7:443"] != nil && profile.addresses == nil)
            let names = try daemon.json(["status"])["network"]?["names"]
            #expect(names?["isRead"]?.bool == false && names?["reason"]?.text == "ResolveNames=no")
            #expect(try daemon.tool(["status"]).output.contains("names are not read: ResolveNames=no"))
            #expect(try !RunningDaemon.programs().contains { $0.contains("rf_dns") })
        }
    }
}
