// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import Events
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    /// Who executes what, from which file and with which rights, where all programs are known.
    @Suite("Execution rules", .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
    struct ExecutionRuleTests {
        @Test(
            "a known program by a new parent, a replaced one and one that gains rights are one alert each, and told once",
            .timeLimit(.minutes(5)))
        func known() throws {
            let daemon = try RunningDaemon(learning: "[Learning]\nWindow=8s\nEpoch=1s\nShare=50%\n")
            let receiver = try DatagramReceiver(path: daemon.workspace.file("notify"))
            let notified = ["NOTIFY_SOCKET": daemon.workspace.file("notify")]
            try daemon.start(environment: notified)
            let (parent, replaced, rights) = (try ToolContainer(), try ToolContainer(), try ToolContainer())
            let (entered, visited) = (try ToolContainer(), try ToolContainer())
            var first: ToolContainer? = try ToolContainer()
            let all = [parent, replaced, rights, entered, visited]
            defer { ToolContainer.remove(all) }
            try daemon.learn([ToolContainer.key], seconds: 180) {
                for container in all + [first].compactMap(\.self) { container.tell(ToolContainer.habit) }
            }
            #expect(daemon.alerts().isEmpty, "\(RuleTests.summary(daemon.alerts()))")
            try Self.check(try #require(try daemon.profile(ToolContainer.key)))

            // The same container again, and the habit of all: nothing of it is new.
            first = nil
            let again = try ToolContainer()
            for container in all + [again] { container.tell(ToolContainer.habit) }
            parent.tell("subprocess.run(['/bin/true'])")
            try replaced.replaceInterpreter()
            replaced.tell(ToolContainer.habit)
            #expect(try Shell.run(["chmod", "4755", rights.tool]).status == 0)
            rights.tell(ToolContainer.habit)
            try Self.visit(entered, as: "0")
            try Self.visit(visited, as: "1000")
            let isTold = Shell.eventually(seconds: 60) {
                all.allSatisfy { !daemon.alerts(of: $0.name).isEmpty }
                    && daemon.alerts(of: rights.name).first?.items.count == 2
                    && daemon.alerts(of: entered.name).first?.items.count == 3
            }
            #expect(isTold, "\(RuleTests.summary(daemon.alerts())) \(daemon.words)")
            #expect(try daemon.stop(SIGTERM) == 0)

            // Programs of another make, which count from nothing.
            try daemon.configure("[Daemon]\nSlots=2048\n")
            try daemon.start(environment: notified)
            for container in all + [again] { container.tell(ToolContainer.habit) }
            parent.tell("subprocess.run(['/bin/true'])")
            again.tell("subprocess.run(['/bin/true'])")
            #expect(
                Shell.eventually(seconds: 60) { !daemon.alerts(of: again.name).isEmpty },
                "\(RuleTests.summary(daemon.alerts())) \(daemon.words)")
            #expect(try daemon.stop(SIGTERM) == 0)
            #expect(receiver.take() != nil)

            try Self.check(parent, .newParent, ["\(Self.shell) <- \(Self.python)"], daemon) {
                "\(Self.shell) was only ever"
            }
            try Self.check(replaced, .replacedExecutable, [Self.python], daemon) {
                "the file is not of the image: it was written in the container"
            }
            try Self.check(rights, .newCredentials, ["uid/0"], daemon, more: "capability/CAP_CHOWN,CAP_DAC_OVERRIDE") {
                "the profile knows user 1000 and no capability"
            }
            try Self.check(
                entered, .newCredentials, [Self.shell, "session/uid/0"], daemon, more: "session/capability/CAP_CHOWN,"
            ) { "the profile knows user 1000 and no capability of the workload and of exec sessions" }
            let visits = daemon.alerts(of: visited.name).flatMap(\.items).map(\.item)
            #expect(visits == [FindingItem(.session, Self.shell)], "it has what the workload has")
            try Self.check(again, .newParent, ["\(Self.shell) <- \(Self.python)"], daemon) { "" }
            let names = Set(all.map(\.name) + [again.name])
            let others = daemon.alerts().filter { !names.contains($0.container.name) && $0.rule != .gap }
            #expect(others.isEmpty, "\(RuleTests.summary(others))")
        }

        @Test(
            "users that find no room in the kernel's table are shown by status and told as a loss",
            .timeLimit(.minutes(5)))
        func losses() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let container = try PythonContainer(profile: "rf-users")
            defer { PythonContainer.remove([container]) }
            _ = try container.pid()
            try #require(Shell.eventually(seconds: 60) { daemon.state(of: "rf-users") != nil }, "\(daemon.words)")
            #expect(try daemon.json(["status"])["executions"]?["lostCredentials"]?.integer == 0)
            container.tell(
                "[os.fork() or (os.setuid(2000 + i), os._exit(0)) for i in range(100)]; [os.wait() for i in range(100)]"
            )
            #expect(
                Shell.eventually(seconds: 60) { daemon.alerts(of: container.name).contains { $0.rule == .loss } },
                "\(RuleTests.summary(daemon.alerts())) \(daemon.words)")
            let alert = try #require(daemon.alerts(of: container.name).first { $0.rule == .loss })
            #expect(alert.items.map(\.item) == [FindingItem(.own, "credentials")] && alert.losses.facts > 0)
            // 64 different ones are kept; its own are one of them at least. The first loss is told while it goes on.
            let isShown = try Shell.eventually(seconds: 60) {
                let kept = try daemon.json(["status"])["executions"]
                return kept?["lostCredentials"]?.integer ?? 0 >= 37 && kept?["credentials"]?.integer ?? 0 >= 64
                    && kept?["edges"]?.integer ?? 0 > 0
            }
            #expect(isShown, "\(daemon.words)")
            let scrape = try Shell.run(
                [
                    "curl", "-sS", "--max-time", "60", "--unix-socket", daemon.workspace.file("run/metrics.sock"),
                    "http://localhost/metrics",
                ])
            let line = scrape.output.split(separator: "\n").first {
                $0.hasPrefix("ringfence_executions_lost{of=\"credentials\"} ")
            }
            #expect(line.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0 >= 37, "\(scrape.errors)")
        }

        /// An exec session of a user.
        private static func visit(_ container: ToolContainer, as user: String) throws {
            let run = try Shell.run(
                ["/usr/bin/docker", "exec", "--user", user, container.name, "/bin/true"],
                environment: Engine.environment)
            #expect(run.status == 0, "\(run.errors)")
        }

        private static let shell = "/usr/bin/busybox"
        private static let python = "/usr/bin/python3"

        /// What was learned.
        private static func check(_ profile: BehaviourProfile) throws {
            let tool = try #require(profile.executables["/run/tool"])
            let interpreter = try #require(profile.executables.first { $0.key.hasPrefix(python) })
            let parents = try #require(tool.parents)
            #expect(Set(parents.keys) == [shell, interpreter.key], "\(parents)")
            #expect(parents.values.allSatisfy { $0.phases == ["workload"] && $0.runs > 0 })
            #expect(interpreter.value.parents?.keys.sorted() == [shell, interpreter.key].sorted())
            #expect(profile.executables[shell]?.parents?.keys.sorted() == [shell])
            #expect(tool.origins == ["mount"] && interpreter.value.origins == ["image"])
            #expect(profile.credentials?.keys.sorted() == ["uid/1000"], "\(profile.credentials?.keys.sorted() ?? [])")
            #expect(profile.heldCapabilities?.isEmpty == true)
            #expect(
                profile.usedCapabilities?.isEmpty != false, "\(String(describing: profile.usedCapabilities?.names))")
        }

        /// One incident with these items, each once, and a reason.
        private static func check(
            _ container: ToolContainer, _ rule: AlertRule, _ items: [String], _ daemon: RunningDaemon,
            more: String? = nil, why: () -> String
        ) throws {
            let alerts = daemon.alerts(of: container.name)
            #expect(alerts.count == 1, "\(RuleTests.summary(alerts))")
            let alert = try #require(alerts.first)
            #expect(alert.rule == rule && alert.container.name == container.name)
            let told = alert.items.map(\.item.name)
            #expect(told.count == items.count + (more == nil ? 0 : 1), "\(told)")
            for (item, name) in zip(told, items) { #expect(item.hasPrefix(name), "\(told)") }
            if let more { #expect(told.last?.hasPrefix(more) == true, "\(told)") }
            #expect(alert.items.allSatisfy { $0.count == 1 }, "\(RuleTests.summary(alerts))")
            #expect(alert.why.contains(why()), "\(alert.why)")
            #expect(alert.process?.tgid ?? 0 > 0 && alert.process?.ancestry.isEmpty == false)
            #expect(alert.next.contains { $0.hasPrefix("ringfence allow \(alert.id)") }, "\(alert.next)")
        }
    }
}
