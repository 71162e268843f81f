// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import FoundationEssentials
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Endurance")
    struct EnduranceTests {
        static let isSoak = ProcessInfo.processInfo.environment["RINGFENCE_SOAK"] != nil

        @Test("killed at random points under load, it loses and tears no profile: they only grow")
        func kills() throws {
            let daemon = try RunningDaemon(
                scope: "containers+services", learning: "[Learning]\nWindow=1h\nEpoch=1s\nShare=50%\n")
            try daemon.start()
            let services = try (0..<4).map { _ in try ServiceCgroup() }
            let isLearned = Shell.eventually(seconds: 60) {
                services.allSatisfy { daemon.state(of: $0.name) == .learning }
            }
            try #require(isLearned, "\(daemon.words)")
            let began = BootClock.nanoseconds
            let first = services.map { (try? daemon.profile($0.name))?.window.runs ?? 0 }
            var known: [String: BehaviourProfile] = [:]
            for round in 0..<(Self.isSoak ? 200 : 10) {
                // Ordinary calls, each time others: something to be saved.
                for service in services { service.tell("call \(107 + round % 6)") }
                let moment = BootClock.nanoseconds + UInt64.random(in: 0..<1_500_000_000)
                _ = Shell.eventually(seconds: 60) { BootClock.nanoseconds >= moment }
                daemon.kill()
                for service in services {
                    let profile = try #require(try daemon.profile(service.name), "round \(round)")
                    if let before = known[service.name] {
                        #expect(profile.items.isSuperset(of: before.items), "round \(round)")
                        #expect((profile.learning?.epochs ?? 0) >= (before.learning?.epochs ?? 0))
                    }
                    known[service.name] = profile
                }
                try daemon.start()
                #expect(!daemon.words.contains("damaged"), "\(daemon.words)")
            }
            // Everything that was done is learned in the end, whenever the daemon was killed.
            let isWhole = Shell.eventually(seconds: 60) {
                services.allSatisfy { service in
                    let calls = (try? daemon.profile(service.name))?.calls["x86_64"] ?? [:]
                    return ["geteuid", "getegid", "setpgid", "getppid", "getpgrp", "setsid"].allSatisfy {
                        calls[$0] != nil
                    }
                }
            }
            #expect(isWhole)
            // However often it was killed, each container has started once and no epoch was taken twice.
            for (service, first) in zip(services, first) {
                let profile = try #require(try daemon.profile(service.name))
                let seconds = Int((BootClock.nanoseconds - began) / 1_000_000_000)
                #expect(profile.learning?.instances == 1 && profile.window.instances == 1)
                #expect(profile.window.runs <= first + seconds + 1, "\(profile.window.runs) in \(seconds) s")
                let runs = profile.calls.values.flatMap(\.values).flatMap(\.phases.values).map(\.runs)
                #expect(runs.allSatisfy { $0 <= profile.window.runs }, "\(runs) of \(profile.window.runs)")
            }
        }

        @Test("a full state directory stops neither detection nor what is kept in memory")
        func fullDisk() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            let state = daemon.stateDirectory
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
            #expect(try Shell.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", state]).status == 0)
            defer {
                daemon.kill()
                _ = try? Shell.run(["umount", "-l", state])
            }
            try daemon.start()
            let service = try ServiceCgroup()
            try RuleTests.learn([service], daemon)
            _ = try Shell.run(["dd", "if=/dev/zero", "of=\(state)/filler", "bs=64k"])
            service.tell("call 101 0")
            // The alert reaches the other sink at once, and the file when there is room again.
            #expect(
                Shell.eventually(seconds: 60) { daemon.output.contains("ptrace") }, "\(daemon.output) \(daemon.words)")
            #expect(
                Shell.eventually(seconds: 60) { daemon.words.contains("No space left on device") }, "\(daemon.words)")
            #expect(unsafe unlink(state + "/filler") == 0)
            #expect(Shell.eventually(seconds: 70) { !daemon.alerts(of: service.name).isEmpty }, "\(daemon.words)")
            let before = try #require(try daemon.profile(service.name)?.learning?.monitored)
            #expect(
                Shell.eventually(seconds: 60) {
                    ((try? daemon.profile(service.name))?.learning?.monitored ?? 0) > before
                }, "\(daemon.words)")
            #expect(try daemon.stop() == 0)
            #expect(daemon.alerts(of: service.name).count == 1)
        }

        @Test("a damaged profile and a damaged state file are put aside, and the copies before them are used")
        func damaged() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            try daemon.start()
            let service = try ServiceCgroup()
            try RuleTests.learn([service], daemon)
            // The copy before the last is of a monitored profile, too.
            #expect(
                Shell.eventually(seconds: 60) {
                    ((try? daemon.profile(service.name))?.learning?.monitored ?? 0) >= 2
                })
            let items = try #require(try daemon.profile(service.name)).items
            daemon.kill()
            let path = daemon.stateDirectory + "/profiles/" + ProfileDirectory.fileName(service.name)
            let bytes = try FileBytes.read(path, limit: 1 << 24)
            #expect(unsafe truncate(path, off_t(bytes.count / 2)) == 0)
            #expect(unsafe truncate(daemon.stateDirectory + "/state.json", 10) == 0)
            try daemon.start()
            #expect(daemon.words.contains("previous"), "\(daemon.words)")
            let names = try FileTree.entries(of: daemon.stateDirectory + "/profiles")
            #expect(names.contains { $0.contains(".damaged-") }, "\(names)")
            service.tell("call 109")
            #expect(Shell.eventually(seconds: 60) { !daemon.alerts(of: service.name).isEmpty }, "\(daemon.words)")
            #expect(try #require(try daemon.profile(service.name)).items == items)
        }

        @Test("containers that come and go are each told by their own id, and what they took is given back")
        func many() throws {
            let count = Self.isSoak ? 1000 : 100
            let daemon = try RunningDaemon("Slots=512\nSubslots=1024")
            try daemon.start()
            let probe = try #require(TestProgram.probe.path, "cannot compile the test program")
            let hierarchy = try ServiceCgroup(.container).hierarchy
            // Three files are opened later: the alerts, the standard output, what has no profile.
            let descriptors = try FileTree.entries(of: "/proc/\(daemon.pid)/fd").count
            var ids: Set<String> = []
            for _ in 0..<count {
                let id = (0..<64).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
                ids.insert(id)
                let path = "/docker/" + id
                try hierarchy.create(path)
                var request = ChildProcess.Request(arguments: [probe, "calls", "101"], environment: [])
                request.cgroupProcesses = hierarchy.directory(of: path) + "/cgroup.procs"
                _ = try Shell.end(of: try ChildProcess.start(request), [probe])
                #expect(Shell.eventually(seconds: 60) { (try? hierarchy.remove(path)) != nil })
            }
            #expect(
                Shell.eventually(seconds: 30) { Set(daemon.alerts().map(\.container.id)) == ids },
                "\(Set(daemon.alerts().map(\.container.id)).symmetricDifference(ids).count) of \(count)")
            let alerts = daemon.alerts()
            #expect(alerts.count == count && alerts.allSatisfy { $0.severity == .critical })
            #expect(
                Shell.eventually(seconds: 60) {
                    ((try? FileTree.entries(of: "/proc/\(daemon.pid)/fd").count) ?? .max) <= descriptors + 3
                })
            // More than there are slots, one after the other: none was kept.
            #expect(
                Shell.eventually(seconds: 60) {
                    let audit = daemon.workspace.text("state/audit.jsonl")
                    return audit.split(separator: "\n").count { $0.contains("container-end") } >= count
                }, "\(daemon.words)")
            #expect(!daemon.words.contains("slot table is full"))
            // Nobody could name them, and what they did is kept under their ids: in a profile if one lived past an epoch.
            // An end is audited before what was learned of the last is saved.
            let unfiled = UnfiledProfiles(daemon.stateDirectory + "/unfiled.jsonl")
            for id in ids.prefix(20) {
                var kept: BehaviourProfile?
                _ = try Shell.eventually(seconds: 60) {
                    kept = try unfiled.find(id) ?? daemon.profile(id)
                    return kept != nil
                }
                #expect(kept?.calls["x86_64"]?["ptrace"]?.phases["workload"]?.runs == 1, "\(id)")
                #expect(kept?.executables[probe] != nil && kept?.window.instances == 1, "\(id)")
            }
            let kept = try daemon.json(["status"])["profiles"]?["unfiled"]?.integer ?? 0
            #expect(kept > 0)
        }
    }
}
