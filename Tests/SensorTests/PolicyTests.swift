// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import Glibc
import Platform
import Sensor
import TestSupport
import Testing

@Suite("Policies", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct PolicyTests {
    private let fixture: SensorFixture

    init() throws { fixture = try SensorFixture { $0.policies = 8 } }

    /// Fills the table at `index` with everything, but for the given native calls.
    private func allowAll(
        _ index: Int, but calls: [Int] = [], in other: SensorFixture? = nil,
        _ change: (inout rf_policy) -> Void = { _ in }
    ) {
        _ = (other ?? fixture).sensor.withPolicies { tables in
            var table = rf_policy()
            unsafe withUnsafeMutableBytes(of: &table.calls) { bytes in
                for position in bytes.indices { unsafe bytes[position] = 0xff }
                for call in calls { unsafe bytes[call / 8] &= ~(1 << UInt8(call % 8)) }
            }
            unsafe withUnsafeMutableBytes(of: &table.io_ops) { bytes in
                for position in bytes.indices { unsafe bytes[position] = 0xff }
            }
            table.families = (.max, .max)
            change(&table)
            unsafe tables[index] = table
        }
    }

    /// Makes the cgroup's slot known and gives it the table at `index`.
    private func publish(_ index: UInt32) throws -> SlotSnapshot {
        if fixture.sensor.slots.isEmpty { try fixture.probe("calls") }
        let slot = try fixture.slot()
        fixture.sensor.publish(policy: index, toSlot: slot.index)
        #expect(fixture.sensor.policy(ofSlot: slot.index) == index)
        return slot
    }

    @Test("a call that is allowed sends nothing, one that is not sends one record with every field and is counted")
    func deviation() throws {
        allowAll(3, but: [134])
        let slot = try publish(3)
        let before = fixture.records.count
        try fixture.probe("calls", "135", "134", "134", "134", "136")
        let new = fixture.records.dropFirst(before).filter { $0.kind != .join && $0.kind != .exec }
        #expect(new.count == 1)
        let record = try #require(new.first)
        #expect(record.kind == .deviation && record.number == 134 && record.abi == .native && record.count == 1)
        #expect(record.policy == 3 && record.phase == .workload && record.detail == 0)
        #expect(record.arguments == [0x11, 0x22, 0x33, 0x44, 0x55, 0x66])
        #expect(record.path == TestProgram.probe.path && record.slot == slot.index)
        #expect(record.ancestors.first?.pid == UInt32(getpid()))
        let sub = try fixture.probeSub()
        let counted = try #require(fixture.sensor.deviations().first { $0.number == 134 })
        #expect(counted.sub == sub.index && counted.count == 3 && counted.abi == .native && !counted.isSession)
        #expect(counted.firstNanoseconds == record.timeNanoseconds)
        #expect(fixture.sensor.deviations().count == 1)
        // Facts are kept whether they are allowed or not.
        #expect(try fixture.calls().contains(134) && fixture.calls().contains(135))
        #expect(fixture.sensor.attention(ofSub: sub.index) & UInt32(RF_ATTEND_DEVIANT) != 0)
    }

    @Test("deviations beyond the table are counted as such, and each of them sends its record, which has no count")
    func fullTable() throws {
        let fixture = try SensorFixture {
            $0.policies = 8
            $0.deviations = 4
        }
        let numbers = [102, 104, 107, 108, 110, 111, 134]
        allowAll(1, but: numbers, in: fixture)
        try fixture.probe("calls")
        fixture.sensor.publish(policy: 1, toSlot: try fixture.slot().index)
        for _ in 0..<2 { try fixture.probe("calls", "102", "104", "107", "108", "110", "111", "134") }
        let records = fixture.records.filter { $0.kind == .deviation }
        let kept = fixture.sensor.deviations()
        #expect(kept.count == 4 && kept.allSatisfy { $0.count == 2 })
        let counted = Set(kept.map(\.number))
        #expect(counted.isSubset(of: numbers))
        // The three that found no place: twice each.
        #expect(fixture.sensor.losses.deviations == 6)
        for number in numbers where !counted.contains(number) {
            #expect(records.filter { $0.number == number }.map(\.count) == [0, 0], "\(number)")
        }
        for number in counted { #expect(records.first { $0.number == number }?.count == 1) }
        // The facts are in the sub-slot, whatever became of the counts.
        #expect(try numbers.allSatisfy { try fixture.calls().contains($0) })
        #expect(try fixture.slot().account.isBalanced)
    }

    @Test("a table that is published while calls are made takes effect at the next call")
    func swap() throws {
        allowAll(1)
        allowAll(2, but: [134])
        let slot = try publish(1)
        try fixture.probe("calls", "134", "134")
        #expect(fixture.record(.deviation) == nil)
        fixture.sensor.publish(policy: 2, toSlot: slot.index)
        fixture.sensor.markDeviant(sub: try fixture.probeSub().index, true)
        try fixture.probe("calls", "134")
        #expect(fixture.record(.deviation, 134)?.policy == 2)
        fixture.sensor.publish(policy: 1, toSlot: slot.index)
        let counted = fixture.sensor.deviations()
        try fixture.probe("calls", "134")
        #expect(fixture.sensor.deviations() == counted)
    }

    @Test("a cgroup that appears is judged from its first call on")
    func byDefault() throws {
        allowAll(4, but: [134])
        fixture.sensor.setDefault(policy: 4)
        try fixture.probe("calls", "134")
        #expect(try fixture.sensor.policy(ofSlot: fixture.slot().index) == 4)
        #expect(fixture.record(.deviation, 134)?.policy == 4 && fixture.record(.firstUse) == nil)
    }

    @Test("set-up is never judged: a runtime may do what its container may not")
    func setup() throws {
        let execve = try #require(SyscallTable.table(.native).number("execve"))
        allowAll(1, but: [execve])
        _ = try publish(1)
        try fixture.probe("calls", "135")
        #expect(fixture.record(.deviation) == nil)
        try fixture.probe("exec", "2")
        #expect(fixture.record(.deviation, execve)?.phase == .workload)
    }

    @Test("an exec session is judged by a table of its own")
    func session() throws {
        allowAll(1, but: []) { table in
            unsafe withUnsafeMutableBytes(of: &table.calls) { bytes in
                // The second half is the sessions'.
                unsafe bytes[bytes.count / 2 + 134 / 8] &= ~(1 << UInt8(134 % 8))
            }
        }
        let path = try #require(TestProgram.probe.path)
        let living = try fixture.cgroup.start(["/bin/sleep", "60"])
        defer { _ = kill(living.pid, SIGKILL) }
        #expect(try Shell.eventually { try fixture.slot().liveWorkload > 0 })
        _ = try publish(1)
        try fixture.cgroup.run([path, "calls", "134"])
        try fixture.drain()
        #expect(fixture.record(.deviation, 134)?.phase == .sessionWorkload)
        #expect(fixture.sensor.deviations().contains { $0.number == 134 && $0.isSession })
    }

    @Test("clone flags and socket families are judged by their values")
    func arguments() throws {
        let clone = try #require(SyscallTable.table(.native).number("clone"))
        allowAll(1) { table in
            table.families = (1 << 1 | 1 << 2, .max)
            table.clone_flags = (UInt64(SIGCHLD), 0)  // a bit that every fork has
        }
        _ = try publish(1)
        try fixture.probe("sockets", "1", "2", "16", "38", "99")
        let details = Set(fixture.records.filter { $0.kind == .deviation }.map(\.detail))
        #expect(
            details == [UInt32(RF_DETAIL_FAMILY) + 16, UInt32(RF_DETAIL_FAMILY) + 38, UInt32(RF_DETAIL_FAMILY) + 99])
        try fixture.probe("fork", "3")
        let flags = try #require(fixture.record(.deviation, clone))
        #expect(flags.detail == UInt32(RF_DETAIL_FLAGS))
        #expect(fixture.sensor.deviations().first { $0.number == clone }?.count == 3)
    }

    @Test("an io_uring operation that is not allowed is a deviation of its own kind")
    func ioUring() throws {
        try fixture.probe("io_uring")
        let used = try #require(try fixture.probeSub().ioUring[.workload]?.numbers.first)
        allowAll(1) { table in
            unsafe withUnsafeMutableBytes(of: &table.io_ops) { bytes in
                unsafe bytes[used / 8] &= ~(1 << UInt8(used % 8))
            }
        }
        _ = try publish(1)
        fixture.sensor.markDeviant(sub: try fixture.probeSub().index, true)
        try fixture.probe("io_uring")
        #expect(fixture.record(.ioUringDeviation, used)?.count == 1)
        #expect(fixture.sensor.deviations().contains { $0.abi == nil && $0.number == used })
    }

    @Test("an executable that is expected sends no record when one executes it that did before")
    func expected() throws {
        try fixture.probe("exec", "1")
        let sub = try fixture.probeSub()
        let before = fixture.records.filter { $0.kind == .exec }.count
        fixture.sensor.expect(sub: sub.index, true)
        try fixture.probe("exec", "3")
        #expect(fixture.records.filter { $0.kind == .exec }.count == before)
        fixture.sensor.expect(sub: sub.index, false)
        try fixture.probe("exec", "1")
        #expect(fixture.records.filter { $0.kind == .exec }.count == before + 2)
    }

    @Test("facts that were saved and cleared are found again when they are used again")
    func clearing() throws {
        try fixture.probe("calls", "134", "135")
        let saved = try fixture.probeSub()
        fixture.sensor.clear(saved)
        #expect(fixture.sensor.sub(at: saved.index)?.calls.isEmpty == true)
        try fixture.probe("calls", "135")
        let again = try fixture.calls()
        #expect(again.contains(135) && !again.contains(134))
    }

    @Test("a removed cgroup's places are given back, and the next cgroup finds them empty")
    func release() throws {
        let fixture = try SensorFixture {
            $0.slots = 8
            $0.subslots = 16
        }
        var indices: Set<UInt32> = []
        for _ in 0..<40 {
            let id: UInt64
            do {
                let cgroup = try TestCgroup(below: fixture.cgroup)
                id = cgroup.id
                try cgroup.run([try #require(TestProgram.probe.path), "calls", "134"])
            }
            let slot = try #require(fixture.sensor.slots.first { $0.cgroupID == id }, "no slot was free")
            #expect(slot.execs == 1, "it began empty")
            #expect(Shell.eventually { fixture.sensor.slot(at: slot.index)?.has(UInt32(RF_SLOT_REMOVED)) == true })
            #expect(fixture.sensor.subs.contains { $0.slot == slot.index && !$0.isOther })
            indices.insert(slot.index)
            #expect(fixture.sensor.release(slots: [slot.index]).isEmpty == false)
            #expect(fixture.sensor.slot(at: slot.index) == nil)
            #expect(!fixture.sensor.subs.contains { $0.slot == slot.index && $0.path == TestProgram.probe.path })
        }
        #expect(indices.count <= 8)
        #expect(fixture.sensor.losses.executables == 0)
    }
}
