// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import FoundationEssentials
import Platform
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("What is allowed for a time")
    struct ExpiryTests {
        @Test("is no alert until then, and one again from then on; what was done meanwhile stays right")
        func expires() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            try daemon.start()
            let services = try (0..<3).map { _ in try ServiceCgroup() }
            try RuleTests.learn(services, daemon)
            services[0].tell("call 109")
            #expect(Shell.eventually { !daemon.alerts(of: services[0].name).isEmpty }, "\(daemon.words)")
            let alert = try #require(daemon.alerts().first)
            let allowed = try daemon.tool([
                "allow", alert.id, "--scope", "pattern=rf-test-*", "--for", "8s", "--reason", "maintenance",
            ])
            #expect(
                allowed.status == 0 && allowed.output.contains("calls/x86_64/setpgid: allowed for"), "\(allowed.errors)"
            )
            let began = BootClock.nanoseconds
            // Allowed: two of three do it, and one only then.
            services[1].tell("call 109")
            services[2].tell("call 109")
            func state() throws -> Bool? { try daemon.json(["allow", "--list"]).elements?.first?["isActive"]?.bool }
            #expect(try state() == true)
            #expect(try Shell.eventually { try state() == false })
            #expect(BootClock.nanoseconds > began + 7_000_000_000)
            // The daemon looks for what has expired each second; until it has looked, the call is still let pass.
            let told = Shell.eventually {
                services[2].tell("call 109")
                return !daemon.alerts(of: services[2].name).isEmpty
            }
            #expect(told, "\(daemon.words)")
            let later = try #require(daemon.alerts(of: services[2].name).first)
            #expect(later.rule == .unexpectedCall && later.items.map(\.item.name) == ["setpgid"])
            #expect(later.time.bootNanoseconds > began + 7_000_000_000 && later.process?.tgid != 0)
            #expect(try daemon.stop() == 0)
            #expect(daemon.alerts(of: services[1].name).isEmpty, "\(RuleTests.summary(daemon.alerts()))")
            #expect(daemon.alerts(of: services[0].name).count == 1)
        }
    }
}
