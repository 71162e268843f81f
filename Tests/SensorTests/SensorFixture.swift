// SPDX-License-Identifier: Apache-2.0
import CShims
import Events
import Glibc
import Sensor
import TestSupport
import Testing

/// Whether this process can load BPF programs; the reason that skipped tests give.
let needsRoot: Comment = "attaching BPF programs needs root"
let isRoot = geteuid() == 0

/// Loading is expensive and tests count calls: one sensor test runs at a time.
extension Tag { @Tag static var kernel: Self }

/// A sensor over one test cgroup, and what was read from it.
final class SensorFixture {
    let cgroup: TestCgroup
    let sensor: Sensor
    private(set) var records: [Record] = []

    init(_ change: (inout SensorConfiguration) -> Void = { _ in }) throws {
        cgroup = try TestCgroup()
        var configuration = SensorConfiguration(scope: .cgroup(id: cgroup.id))
        configuration.slots = 64
        configuration.subslots = 1024
        change(&configuration)
        sensor = try Sensor(configuration)
    }

    /// Runs the probe in the cgroup and takes the records it left.
    @discardableResult
    func probe(_ words: String..., program: TestProgram = .probe, filter: [rf_bpf_instruction] = []) throws -> Int32 {
        let path = try #require(program.path, "cannot compile the test program")
        let status = try cgroup.run([path] + words, filter: filter)
        try drain()
        return status
    }

    func drain() throws { records += try sensor.drainRecords() }

    /// The slot of the test's cgroup.
    func slot() throws -> SlotSnapshot { try #require(sensor.slots.first { $0.cgroupID == cgroup.id }) }

    /// The probe's sub-slot.
    func probeSub(_ program: TestProgram = .probe) throws -> SubSnapshot {
        try #require(sensor.subs.first { $0.path == program.path && !$0.calls.isEmpty })
    }

    /// Numbers that the probe used in the workload phase.
    func calls(_ abi: CallABI = .native, _ phase: Phase = .workload, of program: TestProgram = .probe) throws -> CallSet
    {
        try probeSub(program).calls[phase]?[abi] ?? CallSet()
    }

    func record(_ kind: RecordKind, _ number: Int? = nil) -> Record? {
        records.first { $0.kind == kind && (number == nil || $0.number == number) }
    }
}
