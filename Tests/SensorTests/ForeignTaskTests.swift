// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Platform
import TestSupport
import Testing

@testable import Sensor

/// Tasks that come where they do not belong by other ways than a runtime's.
@Suite("Foreign tasks", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct ForeignTaskTests {
    @Test(
        "what is executed in a cgroup's mount namespace from elsewhere is told there, and what its own tasks do is not")
    func entry() throws {
        let fixture = try SensorFixture()
        let path = try #require(TestProgram.probe.path)
        let resident = try fixture.cgroup.start([path, "apart", "600000"])
        defer {
            resident.send(SIGKILL)
            _ = try? Shell.end(of: resident)
        }
        try #require(Shell.eventually { (try? fixture.slot().execs) == 2 })
        let entered = try Shell.run([path, "enter", "\(resident.pid)"])
        #expect(entered.status == 0)
        // Into the same one from the same cgroup: nobody is foreign there.
        #expect(try fixture.probe("enter", "\(resident.pid)") == 0)
        let entries = fixture.records.filter(\.isEntry)
        #expect(entries.count == 1)
        let entry = try #require(entries.first)
        #expect(entry.cgroupID == fixture.cgroup.id && entry.phase == .sessionWorkload)
        #expect(entry.path == path && entry.sub == nil && entry.origin == nil)
        #expect(entry.ancestors.isEmpty == false)
        #expect(try fixture.slot().sessions == 1)
    }

    @Test("a process that is moved to where others live is told with where it came from")
    func moved() throws {
        let fixture = try SensorFixture {
            $0.scope = .everything
            $0.slots = 1024
            $0.subslots = 4096
        }
        let other = try TestCgroup()
        let path = try #require(TestProgram.probe.path)
        let (resident, mover) = (
            try other.start([path, "sleep", "600000"]), try fixture.cgroup.start([path, "sleep", "600000"])
        )
        defer {
            for child in [resident, mover] {
                child.send(SIGKILL)
                _ = try? Shell.end(of: child)
            }
        }
        func executions(in cgroup: TestCgroup) -> UInt64 {
            fixture.sensor.slots.first { $0.cgroupID == cgroup.id }?.execs ?? 0
        }
        try #require(Shell.eventually { executions(in: other) == 1 && executions(in: fixture.cgroup) == 1 })
        #expect(try Shell.run(["sh", "-c", "echo \(mover.pid) >\(other.directory)/cgroup.procs"]).status == 0)
        try fixture.drain()
        let joins = fixture.records.filter {
            $0.kind == .join && $0.cgroupID == other.id && $0.tgid == UInt32(mover.pid)
        }
        #expect(joins.map(\.origin) == [fixture.cgroup.id])
        #expect(joins.first?.phase == .sessionSetup)
    }
}
