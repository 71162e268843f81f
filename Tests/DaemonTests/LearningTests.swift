// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Learning")
    struct LearningTests {
        @Test("calls of the never-allow list are told while learning, and held: never learned")
        func held() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            try daemon.start()
            let grave = try ServiceCgroup()
            let doubtful = try ServiceCgroup()
            let both = [grave, doubtful]
            let isLearning = Shell.eventually(seconds: 60) {
                both.allSatisfy { daemon.state(of: $0.name) == .learning }
            }
            try #require(isLearning, "\(daemon.words)")
            grave.tell("call 101 0")
            doubtful.tell("call 272 0x10000000")
            #expect(Shell.eventually(seconds: 60) { daemon.alerts().count == 2 })
            // Again in every epoch, and told no more.
            try daemon.learn(both.map(\.name)) { doubtful.tell("call 272 0x10000000") }
            #expect(try daemon.stop() == 0)
            let critical = daemon.alerts(of: grave.name)
            #expect(critical.map(\.severity) == [.critical] && critical.map(\.rule) == [.neverAllowCall])
            let warning = daemon.alerts(of: doubtful.name)
            #expect(warning.map(\.severity) == [.warning] && warning.map(\.rule) == [.neverAllowCall])
            #expect(critical.first?.profile?.state == .learning)
            for (service, call) in [(grave, "ptrace"), (doubtful, "unshare")] {
                let profile = try #require(try daemon.profile(service.name))
                let evidence = profile.calls["x86_64"]?[call]
                #expect(evidence?.held != nil, "\(call): \(String(describing: evidence))")
                let policy = CompiledPolicy(profile, allows: AllowLayer(), now: Date())
                let number = try #require(SyscallTable.table(.native).number(call))
                #expect(policy.workload[.native]?.contains(number) == false)
            }
        }

        @Test(
            "a health check becomes a probe and stays quiet; another session in that container is told",
            .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
        func healthCheck() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let name = "rf-health-\(UInt32.random(in: 0 ... .max))"
            let run = try Background(
                Engine.docker.command(
                    Engine.Container(
                        name: name, image: "redis",
                        words: ["/usr/bin/redis-server", "--save", "", "--bind", "127.0.0.1"],
                        options: ["--health-cmd", "redis-cli ping", "--health-interval", "1s"]), in: daemon.workspace))
            defer {
                Engine.docker.remove(name)
                run.kill()
            }
            try daemon.waitUntilMonitoring(["rf-redis /usr/bin/redis-server"])
            let checks = try Self.checks(of: name)
            #expect(try Shell.eventually(seconds: 60) { try Self.checks(of: name) != checks })
            #expect(daemon.alerts().isEmpty, "\(RuleTests.summary(daemon.alerts()))")
            // The same shell, for something else. It stays itself until its command line was read: a shell becomes the last
            // program that it runs.
            let began = BootClock.nanoseconds
            #expect(try Engine.docker.exec(name, ["sh", "-c", "cat /etc/hostname; sleep 3; :"]).status == 0)
            #expect(Shell.eventually(seconds: 60) { !daemon.alerts().isEmpty }, "\(daemon.words)")
            let alert = try #require(daemon.alerts().first)
            #expect(alert.rule == .execSession && alert.time.bootNanoseconds > began)
            #expect(alert.container.name == name && alert.container.image == "rf-redis")
            #expect(alert.process?.argv?.first == "sh", "\(String(describing: alert.process))")
            #expect(daemon.alerts().count == 1, "\(RuleTests.summary(daemon.alerts()))")
        }

        /// When Docker ran a health check last.
        private static func checks(of name: String) throws -> String {
            try Shell.run(
                ["/usr/bin/docker", "inspect", "--format", "{{(index .State.Health.Log 0).End}}", name],
                environment: Engine.environment
            ).output
        }

        @Test("a call that a seccomp filter refuses is told where that is asked for")
        func denied() throws {
            let daemon = try RunningDaemon(scope: "containers+services", kernel: "WatchDenied=yes")
            try daemon.start()
            let service = try ServiceCgroup(.service, refusing: 109)
            try RuleTests.learn([service], daemon)
            service.tell("call 109")
            #expect(
                Shell.eventually(seconds: 60) {
                    daemon.alerts(of: service.name).contains { $0.rule == .seccompDenied }
                },
                "\(RuleTests.summary(daemon.alerts())) \(daemon.words)")
            #expect(try daemon.stop() == 0)
            let alerts = daemon.alerts(of: service.name)
            #expect(alerts.count == 1 && alerts.first?.items.contains { $0.item.name == "setpgid" } == true)
        }

        @Test("a full slot table is told as a loss, and what had a slot goes on being watched")
        func loss() throws {
            let daemon = try RunningDaemon(scope: "all", "Slots=64\nSubslots=128")
            try daemon.start()
            let service = try ServiceCgroup()
            let isKnown = Shell.eventually(seconds: 60) { daemon.state(of: service.name) != nil }
            try #require(isKnown, "\(daemon.words)")
            let others = try (0..<80).map { _ in try ServiceCgroup() }
            func told() -> Alert? { daemon.alerts().first { $0.rule == .loss && $0.container.id == "host" } }
            #expect(Shell.eventually(seconds: 60) { told() != nil }, "\(daemon.words)")
            let alert = try #require(told())
            #expect(alert.severity == .warning && alert.losses.facts > 0)
            service.tell("call 101 0")
            #expect(
                Shell.eventually(seconds: 60) { daemon.alerts(of: service.name).contains { $0.severity == .critical } })
            _ = others
        }
    }
}
