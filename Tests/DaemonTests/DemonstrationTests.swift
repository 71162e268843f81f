// SPDX-License-Identifier: Apache-2.0
import Alerts
import FoundationEssentials
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Demonstration", .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
    struct DemonstrationTests {
        /// A real server in a container, and what puts it under load from within: nothing joins it from outside.
        private struct Server {
            let engine: Engine
            let image: String
            let script: String
            let key: String
        }

        private static let servers = [
            Server(
                engine: .docker, image: "nginx",
                script: """
                    nginx & while :; do
                    [ -e /run/go ] && { rm /run/go; sh -c '/run/probe stamped 101 /run/called; :'; }
                    wget -qO- http://127.0.0.1:8080/ >/dev/null; sleep 0.1; done
                    """,
                key: "rf-nginx /bin/sh"),
            Server(
                engine: .podman, image: "redis",
                script: """
                    redis-server --save '' --bind 127.0.0.1 >/dev/null &
                    while :; do redis-cli incr a >/dev/null; sleep 0.1; done
                    """, key: "localhost/rf-redis /bin/sh"),
            Server(
                engine: .runc, image: "python",
                script: """
                    python3 -m http.server 8080 --bind 127.0.0.1 >/dev/null 2>&1 &
                    while :; do
                    wget -qO- http://127.0.0.1:8080/ >/dev/null; sleep 0.1; done
                    """, key: ""),
        ]

        @Test("three containers and a service are learned by themselves; a shell that calls ptrace is one incident")
        func demonstration() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            try daemon.start()
            let probe = try #require(TestProgram.probe.path, "cannot compile the test program")
            var running: [Background] = []
            var names: [String] = []
            defer {
                for (server, name) in zip(Self.servers, names) { server.engine.remove(name) }
                for run in running { run.kill() }
            }
            for server in Self.servers {
                let name = "rf-demo-\(server.image)-\(UInt32.random(in: 0 ... .max))"
                names.append(name)
                running.append(
                    try Background(
                        server.engine.command(
                            Engine.Container(
                                name: name, image: server.image, words: ["/bin/sh", "-c", server.script],
                                programs: ["probe": probe]),
                            in: daemon.workspace)))
            }
            let service = try ServiceCgroup()
            let isMonitoring = Shell.eventually(seconds: 60) {
                daemon.words.split(separator: "\n").count { $0.hasSuffix(" is monitoring") } == 4
            }
            try #require(isMonitoring, "\(daemon.words)")
            #expect(daemon.alerts().isEmpty, "\(RuleTests.summary(daemon.alerts()))")

            // In the first container's mount namespace: a file that its loop finds. No exec session.
            let follower = try RunningDaemon.Follower(daemon)
            let root = "/proc/\(try #require(try Self.process(of: names[0])))/root/run"
            try Data().write(to: URL(filePath: root + "/go"))
            func isWhole(_ alert: Alert) -> Bool { alert.rule == .neverAllowCall }
            #expect(Shell.eventually { daemon.alerts().contains(where: isWhole) }, "\(daemon.words)")
            #expect(Shell.eventually { follower.alerts.contains(where: isWhole) }, "\(daemon.words)")
            // Written last for the call, or for something later: what is measured is never too short.
            let (written, arrived) = (daemon.lastAlertWritten, follower.lastWrite)
            try Self.check(try #require(daemon.alerts().first(where: isWhole)), of: names[0])
            let alert = try #require(follower.alerts.last(where: isWhole))
            try Self.check(alert, of: names[0])
            #expect(alert.next.first == "ringfence explain \(alert.id)")
            #expect(alert.next.last?.hasPrefix("ringfence allow \(alert.id) ") == true)
            #expect(try daemon.tool(["explain", alert.id]).output.contains("ptrace"))
            #expect(daemon.alerts().count == 1, "\(RuleTests.summary(daemon.alerts()))")

            // Within a second of the call, which the program that made it has timed.
            #expect(Shell.eventually { FileTree.exists(root + "/called") })
            let text = String(decoding: try FileBytes.read(root + "/called", limit: 64), as: UTF8.self)
            let called = try #require(UInt64(text.dropLast()))
            #expect(alert.last.bootNanoseconds >= called && alert.last.bootNanoseconds < called + 1_000_000_000)
            #expect(written < called + 1_000_000_000, "\(Double(written) - Double(called)) ns")
            // Through a debug build of the tool.
            #expect(arrived < called + 3_000_000_000, "\(Double(arrived) - Double(called)) ns")
            _ = service
            #expect(try daemon.stop() == 0)
        }

        /// What the alert of the demonstration must say.
        private static func check(_ alert: Alert, of name: String) throws {
            #expect(alert.severity == .critical)
            #expect(alert.items.contains { $0.item.name == "ptrace" && $0.item.abi == "x86_64" })
            #expect(alert.container.name == name && alert.container.engine == "docker")
            #expect(alert.container.image == "rf-nginx" && alert.container.digest?.hasPrefix("sha256:") == true)
            let process = try #require(alert.process)
            #expect(process.executable == "/run/probe" && process.comm == "probe" && process.uid == 0)
            #expect(process.ancestry.prefix(2).map(\.comm) == ["sh", "sh"], "\(process.ancestry)")
            #expect(process.ancestry.allSatisfy { $0.pid > 0 && $0.startNanoseconds > 0 })
            #expect(alert.profile?.state == .monitoring && alert.profile?.key == "rf-nginx /bin/sh")
            #expect((alert.profile?.epochs ?? 0) >= 5 && (alert.profile?.instances ?? 0) == 1)
            #expect(alert.why.contains("never-allow list"))
            #expect(alert.losses.isNone)
        }

        /// The first process of a Docker container.
        private static func process(of name: String) throws -> Int32? {
            let run = try Shell.run(
                ["/usr/bin/docker", "inspect", "--format", "{{.State.Pid}}", name], environment: Engine.environment)
            return Int32(run.output.dropLast())
        }
    }
}
