// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("A recording beside the daemon")
    struct RecordBesideTests {
        /// The calls of a command, as `ringfence record` tells them.
        private static func record(
            _ words: [String], _ name: String, in workspace: Workspace
        ) throws -> BehaviourProfile {
            let file = workspace.file(name)
            let run = try Ringfence.run(["record", "-q", "-o", file, "--"] + words)
            #expect(run.status == 0, "\(run.errors)")
            return try ProfileStore.load(file)
        }

        private static func calls(_ profile: BehaviourProfile) -> Set<String> {
            Set((profile.calls["x86_64"] ?? [:]).filter { $0.value.phases["workload"] != nil }.keys)
        }

        @Test("both tell exactly what was done, and nothing of the recording is an alert")
        func beside() throws {
            let workspace = try Workspace()
            let daemon = try RunningDaemon(scope: "containers+services")
            let probe = try #require(TestProgram.probe.path, "cannot compile the test program")
            // getpgrp, alarm, setpgid and a socket of a family that containers have no use for: an alert, were it watched.
            let words = ["sh", "-c", "\(probe) calls 111 37 109; \(probe) sockets 17; \(probe) fork 3"]
            let alone = try Self.record(words, "alone.json", in: workspace)
            try daemon.start()
            let service = try ServiceCgroup()
            let recorded = try ServiceCgroup()
            try RuleTests.learn([service, recorded], daemon)

            // A command; and a service that the daemon compares, which does something new for both.
            let file = workspace.file("service.json")
            let run = try Background(["\(Ringfence.binary)", "record", "-q", "-o", file, "--cgroup", recorded.path])
            defer { run.kill() }
            // Its programs are attached once the daemon's are not the only ones.
            let own = try RunningDaemon.programs().count
            #expect(try Shell.eventually { try RunningDaemon.programs().count > own }, "the recorder does not attach")
            #expect(Shell.eventually { Self.isWaiting(run.pid) })
            let beside = try Self.record(words, "beside.json", in: workspace)
            recorded.tell("call 109")
            service.tell("call 111")
            for (this, call) in [(recorded, "setpgid"), (service, "getpgrp")] {
                #expect(Shell.eventually { !daemon.alerts(of: this.name).isEmpty }, "\(call): \(daemon.words)")
            }
            kill(run.pid, SIGINT)
            #expect(try run.end() == 0)
            #expect(try daemon.stop() == 0)

            #expect(Self.calls(beside) == Self.calls(alone))
            #expect(Self.calls(alone).isSuperset(of: ["getpgrp", "alarm", "setpgid", "socket"]))
            #expect(beside.window.partial.isEmpty && beside.executables.keys.contains(probe))
            let seen = Self.calls(try ProfileStore.load(file))
            #expect(seen.isSuperset(of: ["setpgid", "getppid", "poll"]) && !seen.contains("getpgrp"), "\(seen)")
            for (this, call) in [(recorded, "setpgid"), (service, "getpgrp")] {
                let alerts = daemon.alerts(of: this.name)
                #expect(alerts.count == 1 && alerts.first?.rule == .unexpectedCall, "\(RuleTests.summary(alerts))")
                #expect(alerts.first?.items.map(\.item.name) == [call] && alerts.first?.count == 1)
            }
            #expect(daemon.alerts().count == 2, "\(RuleTests.summary(daemon.alerts()))")
        }

        private static func isWaiting(_ pid: Int32) -> Bool {
            let text = (try? FileBytes.read("/proc/\(pid)/wchan", limit: 64)) ?? []
            return String(decoding: text, as: UTF8.self).contains("poll")
        }
    }
}
