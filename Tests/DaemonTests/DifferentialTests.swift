// SPDX-License-Identifier: Apache-2.0
import CEvents
import Detection
import Events
import Glibc
import Sensor
import TestSupport
import Testing

/// What the callbacks below work on.
private struct Judged {
    let judge: Judge
    /// Calls whose verdict is not the kernel's.
    var disagreements = 0
    var calls = 0
    /// Calls that the judge does not let pass, by the kernel's key for them.
    var refused: [Key: UInt64] = [:]
    var records: [Key: Verdict] = [:]
}

private struct Key: Hashable {
    let sub: UInt32
    let abi: UInt32
    let number: Int
    let isSession: Bool
}

private func judgeCall(_ context: UnsafeMutableRawPointer?, _ data: UnsafeMutableRawPointer?, _ size: Int) -> CInt {
    // SAFETY: the test owns the context and libbpf the call, both until this returns.
    guard let judged = unsafe context?.assumingMemoryBound(to: Judged.self),
        let call = unsafe data?.assumingMemoryBound(to: rf_call.self)
    else { return 0 }
    let verdict = unsafe judged.pointee.judge.judge(call: call, size: size)
    unsafe judged.pointee.calls += 1
    if unsafe (verdict == .expected) != (call.pointee.allowed != 0) { unsafe judged.pointee.disagreements += 1 }
    guard verdict != .expected, unsafe call.pointee.number < Int64(RF_CALLS) else { return 0 }
    let key = unsafe Key(
        sub: call.pointee.sub, abi: UInt32(call.pointee.abi), number: Int(call.pointee.number),
        isSession: call.pointee.phase >= UInt8(RF_PHASE_SESSION))
    unsafe judged.pointee.refused[key, default: 0] += 1
    return 0
}

private func judgeRecord(_ context: UnsafeMutableRawPointer?, _ data: UnsafeMutableRawPointer?, _ size: Int) -> CInt {
    // SAFETY: as above.
    guard let judged = unsafe context?.assumingMemoryBound(to: Judged.self),
        let record = unsafe data?.assumingMemoryBound(to: rf_record.self),
        unsafe record.pointee.kind == UInt32(RF_KIND_DEVIATION)
    else { return 0 }
    let key = unsafe Key(
        sub: record.pointee.sub, abi: record.pointee.abi, number: Int(record.pointee.number),
        isSession: record.pointee.phase >= UInt32(RF_PHASE_SESSION))
    unsafe judged.pointee.records[key] = judged.pointee.judge.judge(record, size: size)
    return 0
}

extension DaemonSuites {
    @Suite("Verdicts", .enabled(if: geteuid() == 0, "attaching BPF programs needs root"))
    struct DifferentialTests {
        /// Calls that do nothing with the probe's arguments, natively and on i386.
        private static let harmless: [CallABI: [Int]] = [
            .native: [
                3, 5, 8, 24, 32, 39, 72, 73, 74, 75, 81, 91, 93, 96, 98, 99, 100, 102, 104, 107, 108, 110, 111, 134,
                140,
                186,
            ],
            .compat: [
                6, 13, 19, 20, 24, 41, 43, 47, 49, 50, 64, 65, 94, 108, 116, 118, 133, 158, 199, 200, 201, 202, 224,
            ],
        ]

        @Test("of the kernel and of the judge in user space are the same for random policies and calls")
        func same() throws {
            var generator = SystemRandomNumberGenerator()
            let cgroup = try TestCgroup()
            var configuration = SensorConfiguration(scope: .cgroup(id: cgroup.id))
            configuration.slots = 16
            configuration.subslots = 64
            configuration.policies = 32
            configuration.traceBytes = 1 << 20
            let sensor = try Sensor(configuration)
            let tables = try #require(
                sensor.withPolicies { all in unsafe all.baseAddress.map { unsafe PolicyTables($0, count: all.count) } }
                    ?? nil)
            let judged = UnsafeMutablePointer<Judged>.allocate(capacity: 1)
            unsafe judged.initialize(to: Judged(judge: Judge(tables)))
            defer {
                unsafe judged.deinitialize(count: 1)
                unsafe judged.deallocate()
            }
            let rings = try unsafe EventRings(sensor, context: judged, onRecord: judgeRecord, onCall: judgeCall)
            let probes: [CallABI: String] = [
                .native: try #require(TestProgram.probe.path), .compat: try #require(TestProgram.probe32.path),
            ]
            try cgroup.run([try #require(probes[.native]), "calls"])
            let slot = try #require(sensor.slots.first { $0.cgroupID == cgroup.id }).index
            sensor.trace(slot: slot, true)
            for index in 0..<24 {
                var bits = Bool.random(using: &generator) ? PolicyBits.everything : .nothing
                for (abi, calls) in Self.harmless {
                    let changed = calls.filter { _ in Bool.random(using: &generator) }
                    bits.set(changed, of: abi, session: false, allowed: bits == .nothing)
                }
                tables.fill(index, with: bits, serial: UInt64(index) + 1, profile: 1)
                sensor.publish(policy: UInt32(index), toSlot: slot)
                for sub in sensor.subs where sub.slot == slot { sensor.markDeviant(sub: sub.index, true) }
                for (abi, path) in probes {
                    let calls = (0..<30).compactMap { _ in Self.harmless[abi]?.randomElement(using: &generator) }
                    try cgroup.run([path, "calls"] + calls.map(String.init))
                }
                try rings.consume()
            }
            let result = unsafe judged.pointee
            #expect(result.disagreements == 0 && result.calls > 24 * 60)
            #expect(try #require(sensor.slot(at: slot)).traced.dropped == 0)
            var counted: [Key: UInt64] = [:]
            for deviation in sensor.deviations() {
                guard let abi = deviation.abi, deviation.detail == 0 else { continue }
                counted[
                    Key(sub: deviation.sub, abi: abi.rawValue, number: deviation.number, isSession: deviation.isSession)
                ] =
                    deviation.count
            }
            #expect(counted == result.refused, "the kernel counted what the judge refused, call by call")
            #expect(
                !result.records.isEmpty && result.records.values.allSatisfy { $0 == .deviation || $0 == .foreignABI })
            #expect(Set(result.records.keys).isSubset(of: counted.keys))
        }
    }
}
