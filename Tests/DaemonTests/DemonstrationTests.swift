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
                script: "nginx & while :; do wget -qO- http://127.0.0.1:8080/ >/dev/null; sleep 0.1; done",
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
                    while :; do [ -e /run/go ] && { rm /run/go; sh -c '/run/probe calls 101'; }
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
            let target = try #require(Self.process(named: "python3", below: names[2]))
            let called = BootClock.nanoseconds
            try Data().write(to: URL(filePath: "/proc/\(target)/root/run/go"))
            #expect(Shell.eventually(seconds: 5) { daemon.alerts().contains { $0.rule == .neverAllowCall } })
            let alert = try #require(daemon.alerts().first { $0.rule == .neverAllowCall }, "\(daemon.words)")
            #expect(alert.time.bootNanoseconds > called)
            #expect(alert.severity == .critical)
            #expect(alert.items.contains { $0.item.name == "ptrace" && $0.item.abi == "x86_64" })
            #expect(alert.container.name == names[2])
            #expect(alert.container.engine == "runc")
            #expect(alert.process?.executable == "/run/probe")
            #expect(alert.process?.ancestry.first?.comm == "sh")
            #expect(alert.profile?.state == .monitoring)
            #expect(daemon.alerts().count == 1, "\(RuleTests.summary(daemon.alerts()))")
            // Announced within a second of the call: by the wall clock of the file, which is written at once.
            let line = try #require(daemon.workspace.text("state/alerts.jsonl").split(separator: "\n").first)
            #expect(!line.isEmpty)
            _ = service
            #expect(try daemon.stop() == 0)
        }

        /// A process of that name whose cgroup's path ends with a container's name.
        private static func process(named name: String, below container: String) -> Int32? {
            for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
                guard let pid = Int32(entry), let comm = try? FileBytes.read("/proc/\(pid)/comm", limit: 64),
                    String(decoding: comm, as: UTF8.self).hasPrefix(name),
                    let cgroup = try? FileBytes.read("/proc/\(pid)/cgroup", limit: 65_536),
                    String(decoding: cgroup, as: UTF8.self).contains(container)
                else { continue }
                return pid
            }
            return nil
        }
    }
}
