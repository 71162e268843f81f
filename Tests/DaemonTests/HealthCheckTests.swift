// SPDX-License-Identifier: Apache-2.0
import Alerts
import FoundationEssentials
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("A health-checked container", .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
    struct HealthCheckTests {
        private static let key = "rf-redis /bin/sh"
        /// A server that works all the time, and writes down how far it has got.
        private static let script = """
            redis-server --save '' --bind 127.0.0.1 >/dev/null &
            while :; do redis-cli incr a >/tmp/count; sleep 0.1; done
            """

        private static func start(_ name: String, in workspace: Workspace, seccomp: String? = nil) throws -> Background
        {
            try Background(
                Engine.docker.command(
                    Engine.Container(
                        name: name, image: "redis", words: ["/bin/sh", "-c", script], seccomp: seccomp,
                        options: ["--health-cmd", "redis-cli ping | grep -q PONG", "--health-interval", "1s"]),
                    in: workspace))
        }

        @Test("is learned with its probes, and stays healthy and at work under its generated seccomp profile")
        func staysHealthy() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let first = "rf-healthy-\(UInt32.random(in: 0 ... .max))"
            let learned = try Self.start(first, in: daemon.workspace)
            defer {
                Engine.docker.remove(first)
                learned.kill()
            }
            try daemon.waitUntilMonitoring([Self.key])
            let profile = try #require(try daemon.profile(Self.key))
            #expect(
                profile.probes?.contains { $0.configured && $0.arguments.contains("redis-cli ping | grep -q PONG") }
                    == true)
            #expect(profile.executables["/usr/bin/grep"]?.phases.contains("workload") != true)

            let file = daemon.workspace.file("seccomp.json")
            let generated = try daemon.tool(["seccomp", "generate", Self.key, "-o", file])
            #expect(generated.status == 0, "\(generated.errors)")
            Engine.docker.remove(first)
            let second = first + "-again"
            let restarted = try Self.start(second, in: daemon.workspace, seccomp: file)
            defer {
                Engine.docker.remove(second)
                restarted.kill()
            }
            // Several checks, each of them good, and the work goes on between them.
            var (ends, counts): (Set<String>, [Int]) = ([], [])
            let isChecked = try Shell.eventually {
                let health = try Self.inspect(
                    second, "{{with .State.Health}}{{.Status}} {{range .Log}}{{.ExitCode}}@{{.End}};{{end}}{{end}}")
                let parts = health.split(separator: " ", maxSplits: 1)
                guard parts.first == "healthy", parts.count == 2 else { return false }
                // The server may still have been starting when the first came.
                ends.formUnion(parts[1].split(separator: ";").filter { $0.hasPrefix("0@") }.map(String.init))
                if let count = try Self.count(of: second), counts.last != count { counts.append(count) }
                return ends.count >= 4
            }
            #expect(isChecked && counts.count > 1 && counts == counts.sorted(), "\(ends) \(counts) \(daemon.words)")
            #expect(try Self.inspect(second, "{{.State.Health.Status}} {{.State.Health.FailingStreak}}") == "healthy 0")
            let applied = try FileBytes.read(
                "/proc/\(try Self.inspect(second, "{{.State.Pid}}"))/status", limit: 1 << 16)
            #expect(String(decoding: applied, as: UTF8.self).contains("Seccomp:\t2"))
            // Neither the probes nor the second instance are news.
            #expect(daemon.alerts().isEmpty, "\(RuleTests.summary(daemon.alerts()))")
            #expect(try daemon.stop() == 0)
            #expect(daemon.alerts().isEmpty, "\(RuleTests.summary(daemon.alerts()))")
        }

        private static func inspect(_ name: String, _ format: String) throws -> String {
            let run = try Shell.run(
                ["/usr/bin/docker", "inspect", "--format", format, name], environment: Engine.environment)
            return run.output.split(separator: "\n").first.map(String.init) ?? ""
        }

        /// How far its work has got.
        private static func count(of name: String) throws -> Int? {
            let path = "/proc/\(try inspect(name, "{{.State.Pid}}"))/root/tmp/count"
            return (try? FileBytes.read(path, limit: 64)).flatMap {
                Int(String(decoding: $0.dropLast(), as: UTF8.self))
            }
        }
    }
}
