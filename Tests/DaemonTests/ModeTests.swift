// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import FoundationEssentials
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("The label ringfence.mode", .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
    struct ModeTests {
        /// A container that does with the probe what a file in it says.
        private final class Commanded {
            let name = "rf-mode-\(UInt32.random(in: 0 ... .max))"
            private let run: Background

            init(_ key: String, mode: String?, in workspace: Workspace) throws {
                let probe = try #require(TestProgram.probe.path, "cannot compile the test program")
                let script = """
                    while :; do if [ -e /go ]; then words=$(cat /go); rm /go; /run/probe $words; fi; \
                    /run/probe calls 39; sleep 0.1; done
                    """
                run = try Background(
                    Engine.docker.command(
                        Engine.Container(
                            name: name, image: "busybox", words: ["/bin/sh", "-c", script], programs: ["probe": probe],
                            options: ["--label", "ringfence.profile=\(key)"]
                                + (mode.map { ["--label", "ringfence.mode=\($0)"] } ?? [])), in: workspace))
            }

            deinit {
                Engine.docker.remove(name)
                run.kill()
            }

            /// Has it do something; false if it does not take it.
            func tell(_ words: String) throws -> Bool {
                let inspected = try Shell.run(
                    ["/usr/bin/docker", "inspect", "--format", "{{.State.Pid}}", name], environment: Engine.environment)
                let root = "/proc/\(inspected.output.dropLast())/root"
                try Data(words.utf8).write(to: URL(filePath: root + "/fresh"))
                guard try Shell.run(["mv", root + "/fresh", root + "/go"]).status == 0 else { return false }
                return Shell.eventually { !FileTree.exists(root + "/go") }
            }
        }

        private static func entry(_ name: String, _ daemon: RunningDaemon) throws -> JSONValue? {
            try daemon.json(["containers"]).elements?.first { $0["name"]?.text == name }
        }

        @Test(
            "monitor: is never learned from, says what it lacks, and is compared from the first call where it lacks nothing"
        )
        func monitor() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let key = "modes-\(UInt32.random(in: 0 ... .max))"
            let first = try Commanded(key, mode: "monitor", in: daemon.workspace)
            #expect(try Shell.eventually { try Self.entry(first.name, daemon) != nil }, "\(daemon.words)")
            let lacking = try Self.entry(first.name, daemon)
            #expect(lacking?["state"]?.text == "unprofiled" && lacking?["mode"]?.text == "monitor")
            #expect(lacking?["readiness"]?.text?.contains("there is no profile \(key)") == true)
            #expect(daemon.words.contains("ringfence.mode=monitor, but there is no profile \(key)"))
            // An ordinary call is nothing to be compared with; one of the never-allow list is told.
            #expect(try first.tell("calls 109"))
            #expect(try first.tell("calls 101"))
            #expect(Shell.eventually { !daemon.alerts(of: first.name).isEmpty }, "\(daemon.words)")
            #expect(daemon.alerts(of: first.name).map(\.rule) == [.neverAllowCall])
            #expect(daemon.alerts(of: first.name).first?.severity == .critical)
            #expect(daemon.alerts(of: first.name).first?.container.posture?.contains("root user") == true)

            // Another container of that key is learned. What the first did, and does, is not part of it.
            let teacher = try Commanded(key, mode: nil, in: daemon.workspace)
            try daemon.waitUntilMonitoring([key])
            let profile = try #require(try daemon.profile(key))
            #expect(profile.calls["x86_64"]?["getpid"] != nil)
            #expect(profile.calls["x86_64"]?["setpgid"] == nil && profile.calls["x86_64"]?["ptrace"] == nil)
            #expect(profile.learning?.instances == 1)
            #expect(try Shell.eventually { try Self.entry(first.name, daemon)?["state"]?.text == "monitoring" })

            // And one that comes later is compared from its first call on.
            let second = try Commanded(key, mode: "monitor", in: daemon.workspace)
            #expect(try Shell.eventually { try Self.entry(second.name, daemon)?["state"]?.text == "monitoring" })
            #expect(try Self.entry(second.name, daemon)?["readiness"]?.text == "is compared")
            #expect(try second.tell("calls 109"))
            #expect(Shell.eventually { !daemon.alerts(of: second.name).isEmpty }, "\(daemon.words)")
            #expect(try daemon.stop() == 0)
            let alerts = daemon.alerts(of: second.name)
            #expect(alerts.count == 1 && alerts.first?.items.contains { $0.item.name == "setpgid" } == true)
            #expect(try daemon.profile(key)?.calls["x86_64"]?["setpgid"] == nil)
            #expect(daemon.alerts(of: teacher.name).isEmpty, "\(RuleTests.summary(daemon.alerts()))")
        }
    }
}
