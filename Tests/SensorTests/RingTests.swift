// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import Glibc
import Sensor
import TestSupport
import Testing

/// What the callbacks below were handed.
private struct Taken {
    var records: [Record] = []
    var calls: [TracedCall] = []
}

private func takeRecord(_ context: UnsafeMutableRawPointer?, _ data: UnsafeMutableRawPointer?, _ size: Int) -> CInt {
    // SAFETY: the test owns the context and libbpf the record, both until this returns.
    guard let taken = unsafe context?.assumingMemoryBound(to: Taken.self), size >= MemoryLayout<rf_record>.size,
        let record = unsafe data.flatMap({ unsafe Record(copying: $0.assumingMemoryBound(to: rf_record.self)) })
    else { return 0 }
    unsafe taken.pointee.records.append(record)
    return 0
}

private func takeCall(_ context: UnsafeMutableRawPointer?, _ data: UnsafeMutableRawPointer?, _ size: Int) -> CInt {
    // SAFETY: as above.
    guard let taken = unsafe context?.assumingMemoryBound(to: Taken.self), size >= MemoryLayout<rf_call>.size,
        let call = unsafe data.flatMap({ unsafe TracedCall(copying: $0.assumingMemoryBound(to: rf_call.self)) })
    else { return 0 }
    unsafe taken.pointee.calls.append(call)
    return 0
}

@Suite("Rings", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct RingTests {
    @Test("a traced container's every call is sent, in order, and nobody else's; the account is exact")
    func trace() throws {
        let fixture = try SensorFixture { $0.traceBytes = 1 << 20 }
        try fixture.probe("calls", "135")
        let slot = try fixture.slot()
        let taken = UnsafeMutablePointer<Taken>.allocate(capacity: 1)
        unsafe taken.initialize(to: Taken())
        defer {
            unsafe taken.deinitialize(count: 1)
            unsafe taken.deallocate()
        }
        let rings = try unsafe EventRings(fixture.sensor, context: taken, onRecord: takeRecord, onCall: takeCall)
        try fixture.cgroup.run([try #require(TestProgram.probe.path), "calls", "134"])
        try rings.consume()
        #expect(unsafe taken.pointee.calls.isEmpty && !taken.pointee.records.isEmpty)
        fixture.sensor.trace(slot: slot.index, true)
        try fixture.cgroup.run([try #require(TestProgram.probe.path), "calls", "134", "135", "134", "100000"])
        try rings.consume()
        let calls = unsafe taken.pointee.calls
        let own = calls.filter { $0.phase == .workload }
        let asked = own.filter { $0.arguments == [0x11, 0x22, 0x33, 0x44, 0x55, 0x66] }
        #expect(asked.map(\.number) == [134, 135, 134, 100000])
        #expect(asked.allSatisfy { $0.isAllowed == ($0.number != 100000) && $0.abi == .native })
        #expect(asked.allSatisfy { $0.cgroupID == fixture.cgroup.id && $0.slot == slot.index && $0.pid == $0.tgid })
        #expect(zip(calls, calls.dropFirst()).allSatisfy { $0.timeNanoseconds <= $1.timeNanoseconds })
        let account = try fixture.slot().traced
        #expect(account.isBalanced && account.delivered == UInt64(calls.count) && account.dropped == 0)
        fixture.sensor.trace(slot: slot.index, false)
        try fixture.cgroup.run([try #require(TestProgram.probe.path), "calls", "134"])
        try rings.consume()
        #expect(unsafe taken.pointee.calls.count == calls.count)
    }

    @Test("a trace that nobody reads drops calls, counts them, and loses no fact")
    func overrun() throws {
        let fixture = try SensorFixture { $0.traceBytes = 1 << 12 }
        try fixture.probe("calls")
        fixture.sensor.trace(slot: try fixture.slot().index, true)
        try fixture.probe("fork", "50")
        try fixture.probe("calls", "134")
        let account = try fixture.slot().traced
        #expect(account.dropped > 0 && account.isBalanced)
        #expect(try fixture.calls().contains(134))
    }
}
