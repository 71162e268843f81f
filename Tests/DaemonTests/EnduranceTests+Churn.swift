// SPDX-License-Identifier: Apache-2.0
import Containers
import Control
import FoundationEssentials
import Platform
import Profiles
import Sensor
import TestSupport
import Testing

extension DaemonSuites.EnduranceTests {
    /// Resident memory in kilobytes: all of it, and its own. The rest is of mapped files and kernel maps.
    private struct Memory {
        var resident = 0
        var anonymous = 0

        init() {}

        init(_ daemon: RunningDaemon) throws {
            let text = String(decoding: try FileBytes.read("/proc/\(daemon.pid)/status", limit: 1 << 16), as: UTF8.self)
            func number(_ name: String) -> Int {
                let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
                return line?.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0
            }
            resident = number("VmRSS:")
            anonymous = number("RssAnon:")
        }
    }

    /// What a daemon takes of the machine.
    private struct Holding {
        var memory = Memory()
        var descriptors = 0
        var entries: [String: Int] = [:]
        var mapBytes = 0

        init(_ daemon: RunningDaemon) throws {
            memory = try Memory(daemon)
            let files = try FileTree.entries(of: "/proc/\(daemon.pid)/fdinfo")
            descriptors = files.count
            for file in files {
                let lines = (try? Self.lines("/proc/\(daemon.pid)/fdinfo/\(file)")) ?? []
                mapBytes += lines.first { $0.hasPrefix("memlock:") }.flatMap(Self.number) ?? 0
            }
            let sets = try FileTree.entries(of: PinDirectory.standard)
            for map in ["rf_slot_of", "rf_sub_of", "rf_deviations", "rf_denials"] {
                entries[map] = 0
                for set in sets {
                    let pin = "\(PinDirectory.standard)/\(set)/\(map)"
                    guard FileTree.exists(pin) else { continue }
                    let dump = try Shell.run(["bpftool", "-j", "map", "dump", "pinned", pin]).output
                    entries[map, default: 0] += dump.matches(of: /"key"/).count
                }
            }
        }

        private static func lines(_ path: String) throws -> [Substring] {
            String(decoding: try FileBytes.read(path, limit: 1 << 16), as: UTF8.self).split(separator: "\n")
        }

        private static func number(_ line: Substring) -> Int? {
            line.split { !$0.isNumber }.first.flatMap { Int($0) }
        }
    }

    /// Has a container of a new id run something that is no business of ours, and takes it away.
    private func churn(_ count: Int, _ hierarchy: CgroupHierarchy) throws {
        for _ in 0..<count {
            let path = "/docker/" + (0..<64).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
            try hierarchy.create(path)
            var request = ChildProcess.Request(arguments: ["/bin/true"], environment: [])
            request.cgroupProcesses = hierarchy.directory(of: path) + "/cgroup.procs"
            _ = try Shell.end(of: try ChildProcess.start(request), ["true"])
            #expect(Shell.eventually(seconds: 30) { (try? hierarchy.remove(path)) != nil })
        }
    }

    @Test("thousands of short cgroups leave nothing behind: memory, map entries and descriptors are as before")
    func shortCgroups() throws {
        let daemon = try RunningDaemon()
        try daemon.start()
        let hierarchy = try ServiceCgroup(.container).hierarchy
        let fresh = try Memory(daemon)
        // The machine's own cgroups.
        let others = try daemon.json(["status"])["slots"]?["used"]?.number ?? 0
        func rest() throws -> Holding {
            var last = try Holding(daemon)
            _ = try Shell.eventually(seconds: 60) {
                last = try Holding(daemon)
                // Given back, not only gone from the list: what is left is of the machine's other cgroups.
                let slots = try daemon.json(["status"])["slots"]?["used"]?.number ?? .infinity
                return try daemon.json(["containers"]).elements?.isEmpty == true && slots < others + 10
            }
            return last
        }
        // What is made once: files that are opened with the first of their kind, pages of the kernel's tables that are touched
        // for the first time.
        try churn(500, hierarchy)
        let before = try rest()
        // What the allocator and the ring hold in the midst of it is not to be left.
        var limit = fresh.anonymous + 5 * 1024
        // In the soak twice as many as were asked for: what is left of the second half is no more than of the first.
        for half in 0..<(Self.isSoak ? 2 : 1) {
            // How many a second a debug build can take is not what is asked.
            for _ in 0..<(Self.isSoak ? 20 : 1) {
                try churn(500, hierarchy)
                _ = try rest()
            }
            var after = try rest()
            let isBack = try Shell.eventually(seconds: 120) {
                after = try Holding(daemon)
                // Other cgroups of the machine may have gone meanwhile.
                return after.entries.allSatisfy { $0.value <= before.entries[$0.key] ?? 0 }
                    && after.descriptors <= before.descriptors
            }
            #expect(isBack, "\(before) \(after) \(daemon.words)")
            let isFreed = try Shell.eventually(seconds: 120) {
                after.memory = try Memory(daemon)
                return after.memory.resident <= before.memory.resident + 5 * 1024 && after.memory.anonymous <= limit
            }
            #expect(isFreed, "\(fresh) \(before) \(after)")
            #expect(after.mapBytes <= before.mapBytes + 5 * 1024 * 1024, "\(before) \(after)")
            if Self.isSoak { print("after \(half + 1) x 10,000 short cgroups: \(after.memory), before: \(fresh)") }
            limit = after.memory.anonymous + 1024
        }
        #expect(!daemon.words.contains("slot table is full"), "\(daemon.words)")
    }

    @Test("a state directory that has become read-only is said, stops no alert, and is made up for")
    func readOnly() throws {
        let daemon = try RunningDaemon(scope: "containers+services")
        try daemon.start()
        let service = try ServiceCgroup()
        try DaemonSuites.RuleTests.learn([service], daemon)
        let state = daemon.stateDirectory
        #expect(try Shell.run(["mount", "--bind", state, state]).status == 0)
        var isMounted = true
        defer { if isMounted { _ = try? Shell.run(["umount", "-l", state]) } }
        #expect(try Shell.run(["mount", "-o", "remount,bind,ro", state]).status == 0)
        service.tell("call 101 0")
        #expect(Shell.eventually(seconds: 30) { daemon.output.contains("ptrace") }, "\(daemon.words)")
        #expect(
            Shell.eventually(seconds: 30) { daemon.words.contains("Read-only file system") }, "\(daemon.words)")
        var status = ""
        let isSaid = try Shell.eventually(seconds: 30) {
            status = try daemon.tool(["status"]).output
            return status.contains("cannot save") && status.contains("Read-only file system")
        }
        #expect(isSaid, "\(status)")
        let before = try #require(try daemon.profile(service.name)?.learning?.monitored)
        #expect(try Shell.run(["umount", "-l", state]).status == 0)
        isMounted = false
        let isSaved = Shell.eventually(seconds: 60) {
            ((try? daemon.profile(service.name))?.learning?.monitored ?? 0) > before
        }
        #expect(isSaved, "\(daemon.words)")
        #expect(
            try Shell.eventually(seconds: 30) { try !daemon.tool(["status"]).output.contains("cannot save") })
        // The sink tries its file again by and by.
        #expect(Shell.eventually(seconds: 90) { !daemon.alerts(of: service.name).isEmpty }, "\(daemon.words)")
        #expect(try daemon.stop() == 0)
        #expect(daemon.alerts(of: service.name).count == 1)
    }
}
