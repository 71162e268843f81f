// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import Events
import Glibc
import Platform
import Profiles
import Sensor
import TestSupport
import Testing

extension DaemonSuites {
    /// Programs of another make are replaced by those of the daemon under test while containers work.
    @Suite("Upgrade")
    struct UpgradeTests {
        /// Epochs that do not end by themselves while a test runs: what is learned is learned at the change and at the end.
        private static let longEpochs = "[Learning]\nWindow=24h\nEpoch=10m\nShare=5%\n"

        /// Calls that fail at once, for there is no such file, process or address: each service makes each once, and the
        /// loader of its programs makes none of them.
        private static let calls = [
            8, 16, 18, 19, 20, 43, 44, 45, 46, 47, 48, 51, 52, 54, 55, 73, 74, 75, 78, 81, 91, 93, 121, 124, 138,
            145, 187, 190, 193, 196, 199, 217, 221, 232, 255, 277, 285, 287, 295, 296,
        ]

        @Test(
            "an upgrade across layouts loses no call and counts none twice, while containers make them",
            .timeLimit(.minutes(5)))
        func otherLayout() throws {
            let work = try Workspace()
            let object = try VariantObject.build(VariantObject.otherLayout, in: work)
            try upgrade(work) { $0.object = object }
        }

        @Test("neither does one that keeps the layout", .timeLimit(.minutes(5)))
        func sameLayout() throws { try upgrade(try Workspace()) { $0.slots = 2048 } }

        @Test("what was not allowed between two daemons of different make is told once, and nothing is counted again")
        func monitored() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            let receiver = try DatagramReceiver(path: daemon.workspace.file("notify"))
            let notified = ["NOTIFY_SOCKET": daemon.workspace.file("notify")]
            try daemon.start(environment: notified)
            let service = try ServiceCgroup()
            try RuleTests.learn([service], daemon)
            let before = try #require(try daemon.profile(service.name))
            #expect(before.learning?.instances == 1)
            #expect(try daemon.stop(SIGTERM) == 0)
            service.tell("call 109 109 109")
            service.tell("run /usr/bin/true")
            try Self.waitUntilIdle(service)
            try daemon.configure("[Daemon]\nSlots=2048\n")
            try daemon.start(environment: notified)
            #expect(daemon.words.contains("it had been stopped, and its programs stayed at work"), "\(daemon.words)")
            let expected: Set = ["setpgid 3", "/usr/bin/true 1"]
            #expect(
                Shell.eventually(seconds: 30) { expected.isSubset(of: Self.items(daemon, service)) }, "\(daemon.words)")
            // The rest of the incident is announced when it ends.
            #expect(try daemon.stop(SIGTERM) == 0)
            let told = Self.items(daemon, service)
            #expect(Set(told.map { $0.split(separator: " ").first }).count == told.count, "\(told)")
            for _ in 0..<2 {
                try daemon.start(environment: notified)
                #expect(try daemon.stop(SIGTERM) == 0)
            }
            #expect(Self.items(daemon, service) == told)
            let after = try #require(try daemon.profile(service.name))
            #expect(after.items == before.items && after.window == before.window)
            #expect(after.learning?.instances == 1 && after.learning?.state == .monitoring)
            #expect(receiver.take() != nil)
        }

        @Test("a daemon that is started again adds nothing to what a profile has counted")
        func accounts() throws {
            let daemon = try RunningDaemon(scope: "containers+services", learning: Self.longEpochs)
            let receiver = try DatagramReceiver(path: daemon.workspace.file("notify"))
            let notified = ["NOTIFY_SOCKET": daemon.workspace.file("notify")]
            try daemon.start(environment: notified)
            let service = try ServiceCgroup()
            try Self.waitUntilIdle(service)
            #expect(try daemon.stop(SIGTERM) == 0)
            let first = try #require(try daemon.profile(service.name))
            #expect(first.window.events.produced > 0 && first.window.instances == 1)
            for _ in 0..<2 {
                try daemon.start(environment: notified)
                let isFreed = try Shell.eventually(seconds: 30) {
                    try daemon.json(["status"])["tables"]?["used"]?.integer == 1
                }
                #expect(isFreed, "the table of the daemon before is taken back")
                #expect(try daemon.stop(SIGTERM) == 0)
            }
            let last = try #require(try daemon.profile(service.name))
            #expect(last.window.events == first.window.events)
            #expect(last.window.instances == 1 && last.learning?.instances == 1)
            #expect(last.window.partial.isEmpty)
            #expect(receiver.take() != nil)
        }

        /// What alerts tell of a service, and how often.
        private static func items(_ daemon: RunningDaemon, _ service: ServiceCgroup) -> [String] {
            daemon.alerts(of: service.name).flatMap(\.items).map { "\($0.item.name) \($0.count)" }.sorted()
        }

        /// Lets programs as `change` has them watch containers that make calls all the time, starts the daemon, and looks
        /// for every call in the profiles.
        private func upgrade(_ work: Workspace, _ change: (inout SensorConfiguration) -> Void) throws {
            let daemon = try RunningDaemon(scope: "containers+services", learning: Self.longEpochs)
            var configuration = SensorConfiguration(scope: .everything)
            configuration.policies = 2048
            configuration.ringBytes = 4 << 20
            configuration.pins = PinDirectory.standard
            change(&configuration)
            do { _ = try Sensor(configuration) }
            #expect(PinDirectory(PinDirectory.standard).sets.count == 1)
            let services = try (0..<3).map { _ in try ServiceCgroup() }
            let (ended, first) = try Self.endedService(work)
            let programs = try (0..<60).map { try Self.program(work, $0) }
            var waiting = services.flatMap { service in
                Self.calls.map { (service, "call \($0)") } + programs.map { (service, "run \($0) calls 39") }
            }.shuffled()
            // Some before the change and some after it in any case.
            for (service, line) in waiting.prefix(40) { service.tell(line) }
            waiting.removeFirst(40)
            try daemon.launch()
            let last = waiting.prefix(40)
            waiting.removeFirst(40)
            var isUp = false
            for (service, line) in waiting {
                let pause = Double.random(in: 0...0.006)
                isUp = isUp || Shell.eventually(seconds: pause) { daemon.words.contains("ringfenced: watching ") }
                service.tell(line)
            }
            try #require(
                Shell.eventually(seconds: 60) { daemon.words.contains("ringfenced: watching ") }, "\(daemon.words)")
            for (service, line) in last { service.tell(line) }
            for service in services { try Self.waitUntilIdle(service) }
            #expect(
                Shell.eventually(seconds: 30) { PinDirectory(PinDirectory.standard).sets.count == 1 },
                "what was replaced is saved and gone: \(PinDirectory(PinDirectory.standard).sets)")
            #expect(try daemon.stop() == 0)
            #expect(
                daemon.words.contains("programs of another make were replaced: what they kept of"), "\(daemon.words)")
            for service in services {
                let profile = try #require(try daemon.profile(service.name), "\(daemon.words)")
                try Self.check(profile, programs)
            }
            let profile = try #require(try daemon.profile(ended), "a service that is gone has a profile")
            #expect(profile.calls["x86_64"]?[first] != nil || profile.calls["aarch64"]?[first] != nil)
            #expect(daemon.alerts().isEmpty, "\(daemon.alerts().map(\.rule))")
            #expect(try Shell.eventually(seconds: 30) { try RunningDaemon.isNothingLeft() })
        }

        private static func check(_ profile: BehaviourProfile, _ programs: [String]) throws {
            let native = try #require(profile.calls[CallABI.native.name(on: .current)])
            for number in calls {
                let name = SyscallTable.table(.native).name(number)
                let use = native[name]?.phases[Phase.workload.name]
                #expect(use?.runs == 1, "\(name) was made once and is in \(use?.runs ?? 0) epochs")
            }
            #expect(Set(programs).subtracting(profile.executables.keys).isEmpty)
            #expect(profile.window.partial.isEmpty, "\(profile.window.partial)")
            #expect(profile.window.instances == 1 && profile.learning?.instances == 1)
            #expect(profile.window.runs == 2, "one epoch at the change, one at the end")
            let events = profile.window.events
            #expect(events.produced == events.delivered + events.suppressed + events.dropped)
            #expect(events.dropped == 0 && events.suppressed == 0)
        }

        /// A small program of its own file, which makes it an executable of its own.
        private static func program(_ work: Workspace, _ number: Int) throws -> String {
            let path = work.file("program-\(number)")
            let copied = try Shell.run(["cp", "/usr/bin/true", path])
            try #require(copied.status == 0, "\(copied.errors)")
            return path
        }

        /// A service that ends while only the replaced programs watch it: its name, and a call that it made.
        private static func endedService(_ work: Workspace) throws -> (name: String, call: String) {
            let service = try ServiceCgroup()
            service.tell("call 74")
            try waitUntilIdle(service)
            return (service.name, SyscallTable.table(.native).name(74))
        }

        /// Waits until a service has done what it was told: it then makes a file that it was told to make last.
        private static func waitUntilIdle(_ service: ServiceCgroup) throws {
            let path = "/tmp/ringfence-idle-\(UInt64.random(in: 0 ... .max))"
            service.tell("run /usr/bin/touch \(path)")
            let isThere = Shell.eventually(seconds: 60) { unsafe access(path, F_OK) == 0 }
            _ = unsafe unlink(path)
            try #require(isThere, "the service does not answer")
        }
    }
}
