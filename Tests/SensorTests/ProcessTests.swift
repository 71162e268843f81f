// SPDX-License-Identifier: Apache-2.0
import CEvents
import CShims
import Containers
import Events
import Glibc
import Platform
import Sensor
import TestSupport
import Testing

@Suite("Processes and phases", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct ProcessTests {
    @Test("what a task does between joining and executing is setup, and workload after")
    func phases() throws {
        let fixture = try SensorFixture()
        try fixture.probe("calls", "134")
        let setup = fixture.sensor.subs.compactMap { $0.calls[.setup]?[.native] }.flatMap(\.numbers)
        #expect(setup.contains(SyscallTable.table(.native).number("execve") ?? -1))
        #expect(!setup.contains(134))
        #expect(try fixture.calls(.native, .setup).isEmpty)
        #expect(try fixture.slot().instances == 1)
        #expect(try fixture.slot().sessions == 0)
        let join = try #require(fixture.record(.join))
        #expect(join.phase == .setup)
    }

    @Test("setup under a filter is kept apart from setup before it")
    func filteredSetup() throws {
        let fixture = try SensorFixture()
        // BPF_RET | BPF_K, SECCOMP_RET_ALLOW (linux/filter.h, linux/seccomp.h).
        let allowEverything = [rf_bpf_instruction(code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000)]
        try fixture.probe("calls", "134", filter: allowEverything)
        let table = SyscallTable.table(.native)
        let filtered = Set(fixture.sensor.subs.compactMap { $0.calls[.filteredSetup]?[.native] }.flatMap(\.numbers))
        let plain = Set(fixture.sensor.subs.compactMap { $0.calls[.setup]?[.native] }.flatMap(\.numbers))
        #expect(filtered.contains(try #require(table.number("execve"))))
        #expect(plain.contains(try #require(table.number("seccomp"))))
        #expect(!filtered.contains(try #require(table.number("seccomp"))))
    }

    @Test("a join beside a living workload is a session of its own")
    func session() throws {
        let fixture = try SensorFixture()
        let path = try #require(TestProgram.probe.path)
        let main = try fixture.cgroup.start([path, "sleep", "60000"])
        try #require(Shell.eventually { (try? fixture.slot().liveWorkload) == 1 })
        try fixture.probe("calls", "135")
        main.send(SIGKILL)
        #expect(try Shell.end(of: main) == 137)
        #expect(try fixture.calls(.native, .sessionWorkload).contains(135))
        #expect(try !fixture.calls(.native, .workload).contains(135))
        #expect(try fixture.slot().sessions == 1)
        #expect(try fixture.slot().instances == 1)
        #expect(try fixture.slot().liveWorkload == 0)
    }

    @Test("forks, execs and exits are counted, and nothing is left living")
    func counters() throws {
        let fixture = try SensorFixture()
        try fixture.probe("fork", "40")
        let slot = try fixture.slot()
        #expect(slot.forks == 40)
        #expect(slot.execs == 1)
        #expect(slot.exits == 41)
        #expect(slot.liveWorkload == 0)
    }

    @Test("a storm of forks loses no task: who could not be followed at birth is at the first call")
    func storm() throws {
        let fixture = try SensorFixture()
        let path = try #require(TestProgram.probe.path)
        let forks = Pace.times(2000)
        let storms = try (0..<8).map { _ in try fixture.cgroup.start([path, "fork", "\(forks)"]) }
        for storm in storms { #expect(try Shell.end(of: storm) == 0) }
        let slot = try fixture.slot()
        #expect(slot.forks >= 8 * UInt64(forks) && slot.exits == slot.forks + 8)
        #expect(slot.liveWorkload == 0)
        #expect(!slot.has(UInt32(RF_SLOT_NO_STORAGE)))
        #expect(fixture.sensor.losses.tasks == 0)
    }

    @Test("an exec record names the file, the process and those above it")
    func execRecord() throws {
        let fixture = try SensorFixture()
        try fixture.probe("exec", "2")
        let execs = fixture.records.filter { $0.kind == .exec }
        #expect(execs.count == 3)
        for record in execs {
            #expect(record.path == TestProgram.probe.path)
            #expect(record.phase == .workload)
            #expect(record.cgroupID == fixture.cgroup.id)
            #expect(record.ancestors.first?.pid == UInt32(getpid()))
            #expect(record.pid == record.tgid && record.inode > 0)
        }
        #expect(Set(execs.map(\.pid)).count == 1)
    }

    @Test("threads' calls are their process's executable's")
    func threads() throws {
        let fixture = try SensorFixture()
        try fixture.probe("threads", "8")
        #expect(try fixture.calls().contains(try #require(SyscallTable.table(.native).number("getppid"))))
        #expect(try fixture.slot().liveWorkload == 0)
        #expect(fixture.sensor.losses == .none)
    }

    @Test("a cgroup made inside a container is part of it, and moving there is no join")
    func nested() throws {
        let fixture = try SensorFixture()
        #expect(try fixture.probe("nested", fixture.cgroup.directory) == 0)
        let root = try fixture.slot()
        let below = try #require(fixture.sensor.slots.first { $0.path.hasSuffix("/below") })
        #expect(below.root == root.index)
        #expect(root.instances == 1 && below.instances == 0 && below.sessions == 0)
        let getpgid = try #require(SyscallTable.table(.native).number("getpgid"))
        let sub = try #require(fixture.sensor.subs.first { $0.slot == below.index && !$0.isOther })
        #expect(sub.calls[.workload]?[.native]?.contains(getpgid) == true)
        let made = try #require(fixture.record(.cgroupMade))
        #expect(made.path == below.path && made.cgroupID == below.cgroupID)
    }

    @Test("a service that moves itself into a cgroup below its own stays workload: its calls there are judged")
    func movesItself() throws {
        let fixture = try SensorFixture {
            $0.scope = .everything
            $0.slots = 1024
            $0.subslots = 4096
        }
        #expect(try fixture.probe("nested", fixture.cgroup.directory) == 0)
        let above = try fixture.slot()
        let below = try #require(fixture.sensor.slots.first { $0.path == fixture.cgroup.path + "/below" })
        #expect(below.root == below.index, "it is no container's")
        #expect(below.instances == 1 && below.sessions == 0 && above.instances == 1)
        let getpgid = try #require(SyscallTable.table(.native).number("getpgid"))
        let sub = try #require(fixture.sensor.subs.first { $0.slot == below.index && !$0.isOther })
        #expect(sub.calls[.workload]?[.native]?.contains(getpgid) == true && sub.calls[.setup] == nil)
        #expect(fixture.records.contains { $0.kind == .join && $0.cgroupID == below.cgroupID && $0.phase == .workload })
        #expect(above.liveWorkload == 0 && below.liveWorkload == 0)
    }

    @Test("what is started in an empty cgroup below a living workload is no session, and what joins it there is one")
    func containerBelow() throws {
        let fixture = try SensorFixture()
        let path = try #require(TestProgram.probe.path)
        let service = try fixture.cgroup.start([path, "sleep", "60000"])
        try #require(Shell.eventually { (try? fixture.slot().liveWorkload) == 1 })
        let child = try TestCgroup(below: fixture.cgroup)
        let main = try child.start([path, "sleep", "60000"])
        try #require(Shell.eventually { (try? fixture.slot().liveWorkload) == 2 })
        let below = try #require(fixture.sensor.slots.first { $0.cgroupID == child.id })
        #expect(try below.root == fixture.slot().index)
        func calls(_ phase: Phase) throws -> CallSet {
            let sub = try #require(fixture.sensor.subs.first { $0.slot == below.index && $0.path == path })
            return sub.calls[phase]?[.native] ?? CallSet()
        }
        #expect(Shell.eventually { (try? calls(.workload).isEmpty) == false })
        #expect(try calls(.sessionWorkload).isEmpty)
        #expect(try fixture.slot().instances == 2 && fixture.slot().sessions == 0)
        try child.run([path, "calls", "135"])
        #expect(try calls(.sessionWorkload).contains(135) && !calls(.workload).contains(135))
        #expect(try fixture.slot().instances == 2 && fixture.slot().sessions == 1)
        for process in [service, main] {
            process.send(SIGKILL)
            #expect(try Shell.end(of: process) == 137)
        }
        #expect(try fixture.slot().liveWorkload == 0)
    }

    @Test("tasks that are older than the recording are workload, and their cgroup is marked late")
    func late() throws {
        let cgroup = try TestCgroup()
        let path = try #require(TestProgram.probe.path)
        let old = try cgroup.start([path, "sleep", "60000"])
        let sensor = try Sensor(SensorConfiguration(scope: .cgroup(id: cgroup.id)))
        let slot = try #require(sensor.slots.first { $0.cgroupID == cgroup.id })
        #expect(slot.flags & 2 == 2)
        #expect(slot.liveWorkload == 1)
        old.send(SIGTERM)
        #expect(try Shell.end(of: old) == 143)
        #expect(sensor.subs.contains { $0.path == path })
        #expect(try #require(sensor.slot(at: slot.index)).liveWorkload == 0)
    }

    @Test("a task that moves out of the recorded cgroup is counted as gone, and no longer lives there")
    func departure() throws {
        let fixture = try SensorFixture()
        let path = try #require(TestProgram.probe.path)
        let child = try fixture.cgroup.start([path, "sleep", "60000"])
        try #require(Shell.eventually { (try? fixture.slot().liveWorkload) == 1 })
        let elsewhere = try TestCgroup()
        let joined = try Shell.run(["sh", "-c", "echo \(child.pid) > \(elsewhere.directory)/cgroup.procs"])
        #expect(joined.status == 0, "\(joined.errors)")
        #expect(Shell.eventually { fixture.sensor.losses.departures == 1 })
        #expect(try fixture.slot().liveWorkload == 0)
        child.send(SIGKILL)
        #expect(try Shell.end(of: child) == 137)
    }

    @Test("a process that was moved in and never executes a program is kept as setup")
    func neverExecutes() throws {
        let outside = try TestCgroup()
        let fixture = try SensorFixture()
        let path = try #require(TestProgram.probe.path)
        let child = try outside.start([path, "sleep", "1500"])
        let joined = try Shell.run(["sh", "-c", "echo \(child.pid) > \(fixture.cgroup.directory)/cgroup.procs"])
        #expect(joined.status == 0, "\(joined.errors)")
        #expect(try Shell.end(of: child) == 0)
        let exitGroup = try #require(SyscallTable.table(.native).number("exit_group"))
        let sub = try #require(fixture.sensor.subs.first { $0.path == path })
        #expect(sub.calls[.setup]?[.native]?.contains(exitGroup) == true)
        #expect(sub.calls[.workload] == nil)
        #expect(try fixture.slot().instances == 1)
    }

    @Test("a removed cgroup keeps its facts and is reported")
    func removal() throws {
        let fixture = try SensorFixture()
        try fixture.probe("nested", fixture.cgroup.directory)
        let path = fixture.cgroup.path + "/below"
        try #require(Shell.eventually { (try? fixture.cgroup.hierarchy.remove(path)) != nil })
        try fixture.drain()
        let removed = try #require(fixture.record(.cgroupRemoved))
        #expect(removed.path == path)
        let slot = try #require(fixture.sensor.slots.first { $0.path == path })
        #expect(slot.flags & 4 == 4)
    }
}
