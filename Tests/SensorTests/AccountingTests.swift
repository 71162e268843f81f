// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Platform
import Sensor
import TestSupport
import Testing

/// Full sizes with RINGFENCE_SOAK, a tenth of the slow ones otherwise.
private let isSoak = ProcessInfo.processInfo.environment["RINGFENCE_SOAK"] != nil

@Suite("Accounting and floods", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct AccountingTests {
    @Test(
        "a million novel-looking records and many execs cost a quiet cgroup no fact, and every record is accounted for")
    func flood() throws {
        let noisy = try TestCgroup()
        let quiet = try TestCgroup()
        var configuration = SensorConfiguration(scope: .everything)
        configuration.slots = 512
        let sensor = try Sensor(configuration)
        let path = try #require(TestProgram.probe.path)
        let execs = isSoak ? 100_000 : 10_000
        let flood = try noisy.start([path, "odd", "1000000"])
        let storm = try noisy.start([path, "exec", "\(execs)"])
        var asked: Set<Int> = []
        for number in stride(from: 320, to: 335, by: 1) where number != 329 {
            try quiet.run([path, "calls", "\(number)"])
            asked.insert(number)
        }
        #expect(try Shell.end(of: flood) == 0)
        #expect(try Shell.end(of: storm, seconds: 300) == 0)
        _ = try sensor.drainRecords()
        let slots = sensor.slots
        let calm = try #require(slots.first { $0.cgroupID == quiet.id })
        let loud = try #require(slots.first { $0.cgroupID == noisy.id })
        let kept = sensor.subs.filter { $0.slot == calm.index }.compactMap { $0.calls[.workload]?[.native] }
            .reduce(into: Set<Int>()) { $0.formUnion($1.numbers) }
        #expect(asked.isSubset(of: kept), "missing: \(asked.subtracting(kept).sorted())")
        #expect(loud.outOfRange == 1_000_000)
        #expect(loud.execs == UInt64(execs) + 2)
        let odd = try #require(loud.accounts[.outOfRange])
        #expect(odd.produced == 1_000_000)
        #expect(odd.suppressed > 900_000)
        for slot in slots {
            for (kind, account) in slot.accounts {
                #expect(account.isBalanced, "\(slot.path) \(kind): \(account)")
            }
        }
        #expect(calm.account.suppressed == 0 && calm.account.dropped == 0)
        #expect(sensor.losses == .none)
    }

    @Test("the first call of a container is caught every time, however short it lives")
    func firstCall() throws {
        var configuration = SensorConfiguration(scope: .everything)
        configuration.slots = 2048
        configuration.subslots = 16384
        let sensor = try Sensor(configuration)
        let path = try #require(TestProgram.probe.path)
        let times = 1000
        let execve = try #require(SyscallTable.table(.native).number("execve"))
        var ids: Set<UInt64> = []
        for _ in 0..<times {
            let cgroup = try TestCgroup()
            ids.insert(cgroup.id)
            try cgroup.run([path, "calls", "134"])
        }
        let subs = Dictionary(grouping: sensor.subs) { $0.slot }
        var caught = 0
        for slot in sensor.slots where ids.contains(slot.cgroupID) {
            let own = subs[slot.index] ?? []
            let joined = own.contains { $0.calls[.setup]?[.native]?.contains(execve) == true }
            let worked = own.contains { $0.calls[.workload]?[.native]?.contains(134) == true }
            if joined, worked { caught += 1 }
        }
        #expect(caught == times)
    }

    @Test("a full slot table is counted, and what has a slot goes on being recorded")
    func fullTable() throws {
        let fixture = try SensorFixture { $0.slots = 1 }
        try fixture.probe("calls", "134")
        try fixture.probe("nested", fixture.cgroup.directory)
        #expect(fixture.sensor.slots.count == 1)
        #expect(fixture.sensor.losses.cgroups > 0)
        try fixture.probe("calls", "135")
        #expect(try fixture.calls().contains(134) && fixture.calls().contains(135))
    }

    @Test("more executables than sub-slots share one, with their calls")
    func fullExecutables() throws {
        let fixture = try SensorFixture {
            $0.slots = 4; $0.subslots = 8
        }
        let path = try #require(TestProgram.probe.path)
        for number in 0..<9 {
            // Another file is another executable, whatever is in it. Not written by this process: a child that another test
            // forks meanwhile would hold it open for writing, and nobody could execute it (ETXTBSY).
            let copy = "/tmp/ringfence-copy-\(getpid())-\(number)"
            try #require(Shell.run(["cp", path, copy]).status == 0)
            defer { _ = unsafe unlink(copy) }
            try fixture.cgroup.run([copy, "calls", "134"])
        }
        #expect(fixture.sensor.losses.executables > 0)
        let other = try #require(fixture.sensor.subs.first { $0.isOther && !$0.calls.isEmpty })
        #expect(other.calls[.workload]?[.native]?.contains(134) == true)
    }

    @Test("nothing stays attached when a sensor is gone")
    func detached() throws {
        let before = LoadedPrograms.ids(named: "rf_")
        var own: Set<UInt32> = []
        do {
            let fixture = try SensorFixture()
            own = LoadedPrograms.ids(named: "rf_").subtracting(before)
            #expect(!own.isEmpty)
            _ = fixture.sensor.slots.count
        }
        #expect(Shell.eventually { LoadedPrograms.ids(named: "rf_").isDisjoint(with: own) })
    }
}
