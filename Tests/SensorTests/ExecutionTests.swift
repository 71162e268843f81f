// SPDX-License-Identifier: Apache-2.0
import CEvents
import Containers
import Events
import FoundationEssentials
import Glibc
import Sensor
import TestSupport
import Testing

@Suite("Executions and rights", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct ExecutionTests {
    private let fixture: SensorFixture
    private let workspace: Workspace

    init() throws {
        fixture = try SensorFixture()
        workspace = try Workspace()
    }

    /// The edges of the test's cgroup as "parent -> child", by the last parts of their paths.
    private func edges() throws -> [String: EdgeSnapshot] {
        let slot = try fixture.slot().index
        func name(_ sub: UInt32) -> String {
            guard let sub = fixture.sensor.sub(at: sub) else { return "?" }
            return sub.isOther ? "(other)" : String(sub.path.split(separator: "/").last ?? "")
        }
        let own = fixture.sensor.edges().filter { $0.slot == slot }
        return Dictionary(own.map { ("\(name($0.parent)) -> \(name($0.child))", $0) }) { one, _ in one }
    }

    private func credentials() throws -> [CredentialSnapshot] {
        let slot = try fixture.slot().index
        return fixture.sensor.credentials().filter { $0.slot == slot }
    }

    private func run(_ words: String...) throws { #expect(try Shell.run(words).status == 0) }

    /// Copies of the probe under other names.
    private func copies(_ names: some Sequence<String>) throws -> [String] {
        let probe = try #require(TestProgram.probe.path, "cannot compile the test program")
        return try names.map { name in
            let copy = workspace.file(name)
            // By another process: a file that this one writes cannot be executed while a child that it forks holds it open.
            let copied = try Shell.run(["cp", probe, copy])
            try #require(copied.status == 0, "\(copied.errors)")
            return copy
        }
    }

    @Test("every program is attached, or the kernel is too old for it")
    func programs() {
        let missing = fixture.sensor.programs.filter { $0.missing != nil }
        #expect(missing.allSatisfy { $0.program == .capable && $0.missing?.contains("cap_capable") == true })
        #expect(fixture.sensor.watchesCapabilities == missing.isEmpty && fixture.sensor.watchesExecutions)
    }

    @Test("who executed what is kept, with what the process ran before as the parent; set-up is no parent")
    func parents() throws {
        let files = try copies(["a", "b"])
        try fixture.probe("chain", files[0], "chain", files[1], "chain", files[0], "calls", "134")
        try fixture.probe("spread", workspace.path, "0", "1")
        let probe = try #require(TestProgram.probe.path?.split(separator: "/").last)
        let found = try edges()
        #expect(Set(found.keys) == ["\(probe) -> a", "a -> b", "b -> a"], "\(found.keys)")
        let slot = try fixture.slot()
        #expect(slot.edges == 3 && slot.lostEdges == 0)
        let edge = try #require(found["a -> b"])
        #expect(edge.count == 1 && !edge.isSession && edge.pid > 0 && edge.lastNanoseconds == edge.firstNanoseconds)
        let record = try #require(fixture.records.first { $0.kind == .exec && $0.sub == edge.child })
        #expect(record.isNewEdge && record.parentSub == edge.parent && !record.isUnchanged)
        #expect(record.timeNanoseconds == edge.firstNanoseconds && record.tgid == edge.pid)
        let first = try #require(fixture.records.first { $0.kind == .exec })
        #expect(first.parentSub == nil && !first.isNewEdge, "set-up executed it")
    }

    @Test("a program that another one executes in a child is that one's; a known one is reported once more for it")
    func children() throws {
        let files = try copies(["0", "1"])
        fixture.sensor.subIndices.forEach { fixture.sensor.expect(sub: $0, true) }
        try fixture.probe("spread", workspace.path, "2", "3")
        for sub in fixture.sensor.subs where sub.path.hasSuffix("/0") { fixture.sensor.expect(sub: sub.index, true) }
        try fixture.drain()
        let before = fixture.records.count
        try fixture.probe("chain", files[1], "chain", files[0], "calls")
        let found = try edges()
        let probe = try #require(TestProgram.probe.path?.split(separator: "/").last)
        #expect(found["\(probe) -> 0"]?.count == 3 && found["\(probe) -> 1"]?.count == 4)
        #expect(found["1 -> 0"]?.count == 1)
        let told = fixture.records[before...].filter { $0.kind == .exec && $0.isNewEdge }
        #expect(told.count == 1 && told.first?.path.hasSuffix("/0") == true, "expected, but never by this one")
    }

    @Test("twenty thousand executions at once lose no edge", .timeLimit(.minutes(10)))
    func storm() throws {
        _ = try copies((0..<100).map(String.init))
        let probe = try #require(TestProgram.probe.path)
        let times = Pace.times(2500)
        let storms = try (0..<4).map { _ in
            try fixture.cgroup.start([probe, "spread", workspace.path, "100", "\(times / 100)"])
        }
        let chains = try (0..<4).map { _ in try fixture.cgroup.start([probe, "exec", "\(times)"]) }
        for run in storms + chains { #expect(try Shell.end(of: run, seconds: Pace.patience(300)) == 0) }
        // All but the first are sessions beside it: an entry each, where both kinds did it.
        let slot = try fixture.slot()
        let all = fixture.sensor.edges().filter { $0.slot == slot.index }
        #expect(slot.edges == UInt32(all.count) && slot.lostEdges == 0)
        let counts = Dictionary(grouping: all, by: \.child).mapValues { $0.reduce(0) { $0 + $1.count } }
        let names = Dictionary(
            uniqueKeysWithValues: counts.map { (fixture.sensor.sub(at: $0.key)?.path ?? "", $0.value) })
        for index in 0..<100 {
            #expect(names[workspace.file("\(index)")] == UInt64(4 * (times / 100)), "\(index)")
        }
        #expect(names[probe] == UInt64(4 * times) && names.count == 101)
        // What no edge is of: the first execution of each of the eight.
        #expect(slot.execs == counts.values.reduce(8, +))
    }

    @Test("who shares \"other\" is executed by nobody known, which is counted; as a parent it is kept")
    func others() throws {
        let narrow = try SensorFixture { $0.subslots = 3 }
        let files = try copies(["a", "b", "c", "d"])
        try narrow.probe(
            "chain", files[0], "chain", files[1], "chain", files[2], "chain", files[3], "chain", files[0], "calls")
        let slot = try narrow.slot()
        let own = narrow.sensor.edges().filter { $0.slot == slot.index }
        #expect(slot.has(UInt32(RF_SLOT_SUBS_FULL)) && slot.lostEdges > 0)
        let last = try #require(own.first { narrow.sensor.sub(at: $0.parent)?.isOther == true })
        #expect(narrow.sensor.sub(at: last.child)?.path == files[0])
        #expect(own.allSatisfy { narrow.sensor.sub(at: $0.child)?.isOther == false })
    }

    @Test("a script's interpreter is what is executed, and its record names the script")
    func scripts() throws {
        let probe = try #require(TestProgram.probe.path)
        let script = try workspace.write("#!\(probe) calls\n", to: "script")
        try run("chmod", "755", script)
        try fixture.probe("chain", script)
        let record = try #require(fixture.records.last { $0.kind == .exec })
        #expect(record.script == script && record.path == probe && !record.pathIsCut)
        #expect(fixture.sensor.sub(at: try #require(record.sub))?.path == probe)
        #expect(fixture.records.first { $0.kind == .exec }?.script == nil)
        // Longer than what is kept, and named from elsewhere.
        let long = workspace.file(String(repeating: "x", count: 200))
        try run("cp", script, long)
        try fixture.probe("chain", long)
        let cut = try #require(fixture.records.last { $0.kind == .exec })
        #expect(cut.path == probe && cut.script?.hasSuffix("xxx...") == true && (cut.script?.count ?? 0) > 16)
    }

    @Test("users and capabilities are kept as they change, in a process that executes nothing, too")
    func rights() throws {
        let file = workspace.file("shared")
        try FileManager.default.copyItem(atPath: try #require(TestProgram.probe.path), toPath: file)
        try run("chmod", "755", workspace.path, file)
        try fixture.probe("become", "4321", "calls", "134")
        let found = try credentials()
        let root = try #require(found.first { $0.uid == 0 })
        #expect(!root.effective.isEmpty && !root.isInUserNamespace && !root.isSession)
        let other = try #require(found.first { $0.uid == 4321 })
        #expect(other.effective.isEmpty && other.pid > 0 && found.count == 2)
        let record = try #require(fixture.records.last { $0.hasNewCredentials })
        #expect(record.isUnchanged && record.timeNanoseconds == other.firstNanoseconds && record.arguments[2] == 4321)
        #expect(record.arguments[3] == 0 && record.tgid == other.pid)
        // A program with the set-user-id bit, executed by that user.
        try run("chown", "5678", file)
        try run("chmod", "4755", file)
        try fixture.probe("become", "4321", "chain", file, "calls")
        #expect(try credentials().contains { $0.uid == 5678 && $0.effective.isEmpty })
        #expect(fixture.records.contains { $0.hasNewCredentials && !$0.isUnchanged && $0.arguments[2] == 5678 })
        #expect(try fixture.slot().lostCredentials == 0)
    }

    @Test("in a user namespace of its own a user has the number that this gives it, and is told apart")
    func userNamespace() throws {
        let probe = try #require(TestProgram.probe.path)
        guard try Shell.run(["unshare", "-Ur", "true"]).status == 0 else { return }
        #expect(try fixture.cgroup.run(["unshare", "-Ur", probe, "calls", "134"]) == 0)
        let inner = try credentials().filter(\.isInUserNamespace)
        #expect(inner.contains { $0.uid == 0 && $0.effective.contains("CAP_SYS_ADMIN") }, "\(inner)")
    }

    @Test("a capability that made the difference is kept as used, and taking memory is no use of one")
    func uses() throws {
        guard fixture.sensor.watchesCapabilities else { return }
        let file = try workspace.write("", to: "file")
        try fixture.probe("calls", "134")
        #expect(try !fixture.slot().capabilitiesUsed.contains("CAP_CHOWN"))
        #expect(try !fixture.slot().capabilitiesUsed.contains("CAP_SYS_ADMIN"))
        try fixture.probe("owner", file)
        let slot = try fixture.slot()
        #expect(slot.capabilitiesUsed.contains("CAP_CHOWN") && slot.sessionCapabilitiesUsed.isEmpty)
        #expect(!slot.capabilitiesUsed.contains("CAP_SYS_ADMIN"), "\(slot.capabilitiesUsed.names)")
        fixture.sensor.clear(slot, until: 1)
        #expect(try fixture.slot().capabilitiesUsed.isEmpty)
    }

    @Test("what a slot had is forgotten with it")
    func released() throws {
        let inner = try TestCgroup(below: fixture.cgroup)
        let files = try copies(["a"])
        #expect(try inner.run([try #require(TestProgram.probe.path), "chain", files[0], "calls"]) == 0)
        let slot = try #require(fixture.sensor.slots.first { $0.cgroupID == inner.id }).index
        #expect(fixture.sensor.edges().contains { $0.slot == slot })
        #expect(fixture.sensor.credentials().contains { $0.slot == slot })
        #expect(Shell.eventually(seconds: 60) { (try? inner.hierarchy.remove(inner.path)) != nil })
        #expect(fixture.sensor.release(slots: [slot]).isEmpty == false)
        #expect(!fixture.sensor.edges().contains { $0.slot == slot })
        #expect(!fixture.sensor.credentials().contains { $0.slot == slot })
    }
}
