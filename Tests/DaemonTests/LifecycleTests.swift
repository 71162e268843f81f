// SPDX-License-Identifier: Apache-2.0
import Alerts
import CEvents
import Control
import FoundationEssentials
import Glibc
import Platform
import Profiles
import Sensor
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Lifecycle")
    struct LifecycleTests {
        @Test("a stop by hand leaves nothing attached and nothing pinned", arguments: [SIGINT, SIGTERM])
        func cleanStop(_ signal: CInt) throws {
            let daemon = try RunningDaemon()
            try daemon.start(environment: ["NOTIFY_SOCKET": ""])
            #expect(FileTree.exists(PinDirectory.standard))
            #expect(try !RunningDaemon.programs().isEmpty)
            #expect(try daemon.stop(signal) == 0)
            // The kernel frees programs a moment after the last descriptor is closed.
            #expect(try Shell.eventually(seconds: 60) { try RunningDaemon.isNothingLeft() })
            #expect(daemon.alerts().isEmpty)
        }

        @Test("under a service manager SIGTERM leaves the programs at work, and the next daemon takes them over")
        func restart() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            let notifications = daemon.workspace.file("notify")
            let receiver = try DatagramReceiver(path: notifications)
            try daemon.launch(environment: ["NOTIFY_SOCKET": notifications])
            let first = try Self.datagrams(from: receiver) { $0.contains("READY=1") }
            #expect(first.contains { $0.contains("STATUS=watching ") })
            let programs = try Self.ids()
            let service = try ServiceCgroup()
            try RuleTests.learn([service], daemon)
            #expect(try daemon.stop(SIGTERM) == 0)
            #expect(try Self.ids() == programs && !programs.isEmpty)
            // Nobody looks, and still nothing is missed.
            service.tell("call 109")
            try daemon.start()
            #expect(try Self.ids() == programs)
            #expect(Shell.eventually(seconds: 60) { !daemon.alerts(of: service.name).isEmpty }, "\(daemon.words)")
            #expect(daemon.alerts(of: service.name).first?.items.map(\.item.name) == ["setpgid"])
            #expect(try daemon.stop() == 0)
            #expect(try Shell.eventually(seconds: 60) { try RunningDaemon.isNothingLeft() })
        }

        @Test("a second daemon refuses, names the first, and the first goes on")
        func two() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            // With the same directories, and with others: what is pinned is the machine's.
            for run in ["run", "other-run"] {
                let file = try daemon.workspace.write(
                    "[Daemon]\nStateDirectory=\(daemon.workspace.file("other"))\nRuntimeDirectory=\(daemon.workspace.file(run))\n",
                    to: "other.conf")
                _ = unsafe mkdir(daemon.workspace.file(run), 0o750)
                let second = try Shell.run([Ringfence.daemon, "--config", file], seconds: 10)
                #expect(second.status != 0)
                #expect(second.errors.contains("\(daemon.pid)"), "\(second.errors)")
                #expect(!FileTree.exists(daemon.workspace.file("other")), "who is refused has touched nothing")
            }
            #expect(kill(daemon.pid, 0) == 0)
            #expect(try daemon.stop() == 0)
        }

        @Test("a killed daemon leaves no gap in what is known: it is judged after the restart, and the gap is told")
        func killed() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            try daemon.start()
            let service = try ServiceCgroup()
            try RuleTests.learn([service], daemon)
            let before = try #require(try daemon.profile(service.name))
            daemon.kill()
            service.tell("call 109")
            try daemon.start()
            #expect(Shell.eventually(seconds: 60) { !daemon.alerts(of: service.name).isEmpty }, "\(daemon.words)")
            let alert = try #require(daemon.alerts(of: service.name).first)
            #expect(alert.rule == .unexpectedCall && alert.items.map(\.item.name) == ["setpgid"])
            let gap = try #require(daemon.alerts().first { $0.rule == .gap })
            #expect(gap.container.id == "host" && gap.severity == .warning)
            let after = try #require(try daemon.profile(service.name))
            #expect(after.learning?.state == .monitoring)
            #expect(after.items == before.items)
            #expect(daemon.alerts().count == 2)
            let audit = daemon.workspace.text("state/audit.jsonl")
            #expect(audit.contains("\"gap\"") && audit.contains("taken over"))
        }

        @Test("a table of what is allowed that somebody changed is told and put back")
        func changedTable() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            try daemon.start()
            let service = try ServiceCgroup()
            try RuleTests.learn([service], daemon)
            let set = try #require(PinDirectory(PinDirectory.standard).sets.first)
            let map = "\(PinDirectory.standard)/\(set)/rf_policies"
            let size = MemoryLayout<rf_policy>.size
            // Every call allowed to everybody, through bpf(2) as an attacker with root would do it.
            let bytes = Array(repeating: "255", count: size)
            let changed = try (2..<8).map { index in
                try Shell.run(
                    ["bpftool", "map", "update", "pinned", map, "key"]
                        + (0..<4).map { "\((UInt32(index) >> (8 * $0)) & 255)" } + ["value"] + bytes)
            }
            #expect(changed.allSatisfy { $0.status == 0 }, "\(changed.map(\.errors))")
            #expect(Shell.eventually { daemon.alerts().contains { $0.rule == .tamper } }, "\(daemon.words)")
            let alert = try #require(daemon.alerts().first { $0.rule == .tamper })
            #expect(alert.severity == .critical && alert.what.contains(service.name), "\(alert.what)")
            // It is compared as before.
            service.tell("call 109")
            #expect(Shell.eventually { daemon.alerts(of: service.name).contains { $0.rule == .unexpectedCall } })
        }

        @Test("a link to a cgroup that somebody has cut is told and made again")
        func cutLink() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let set = try #require(PinDirectory(PinDirectory.standard).sets.first)
            let pin = "\(PinDirectory.standard)/\(set)/programs/rf_connect4"
            func isLinked() throws -> Bool {
                let shown = try Shell.run(["bpftool", "-j", "link", "show", "pinned", pin]).output
                return try (JSONValue(parsing: Array(shown.utf8))["cgroup_id"]?.integer ?? 0) != 0
            }
            #expect(try isLinked())
            let cut = try Shell.run(["bpftool", "link", "detach", "pinned", pin])
            #expect(cut.status == 0, "\(cut.errors)")
            #expect(Shell.eventually { daemon.alerts().contains { $0.rule == .tamper } }, "\(daemon.words)")
            let alert = try #require(daemon.alerts().first)
            #expect(alert.what.hasPrefix("rf_connect4 was cut off its cgroup") && alert.severity == .critical)
            #expect(try isLinked())
        }

        @Test("a pin that somebody removed is told and put back")
        func tamper() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let pins = try Shell.run(["find", PinDirectory.standard, "-type", "f"]).output.split(separator: "\n")
            let pin = try #require(pins.first { $0.contains("/programs/") })
            #expect(unsafe unlink(String(pin)) == 0)
            #expect(Shell.eventually(seconds: 60) { daemon.alerts().contains { $0.rule == .tamper } })
            let alert = try #require(daemon.alerts().first)
            #expect(alert.severity == .critical && alert.container.id == "host" && daemon.alerts().count == 1)
            #expect(FileTree.exists(String(pin)))
        }

        private static func ids() throws -> [String] {
            try RunningDaemon.programs().compactMap { $0.split(separator: ":").first.map(String.init) }.sorted()
        }

        private static func datagrams(
            from receiver: borrowing DatagramReceiver, until isLast: (String) -> Bool
        ) throws -> [String] {
            var taken: [String] = []
            let clock = ContinuousClock()
            let deadline = clock.now + .seconds(20)
            while clock.now < deadline, !taken.contains(where: isLast) {
                if let datagram = receiver.take() { taken.append(datagram) }
                var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
                _ = unsafe nanosleep(&pause, nil)
            }
            let isComplete = taken.contains(where: isLast)
            try #require(isComplete, "\(taken)")
            return taken
        }
    }
}
