// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import FoundationEssentials
import Glibc
import Sensor
import TestSupport
import Testing

@Suite("Pins", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
final class PinTests {
    private let pins = PinDirectory("/sys/fs/bpf/ringfence-test-\(getpid())-\(UInt32.random(in: 0 ... .max))")

    deinit { pins.removeAll() }

    private func configuration(_ cgroup: TestCgroup, slots: UInt32 = 64) -> SensorConfiguration {
        var configuration = SensorConfiguration(scope: .cgroup(id: cgroup.id))
        configuration.slots = slots
        configuration.subslots = 256
        configuration.policies = 4
        configuration.pins = pins.path
        return configuration
    }

    private func calls(_ sensor: Sensor) -> Set<Int> {
        Set(sensor.subs.compactMap { $0.calls[.workload]?[.native]?.numbers }.joined())
    }

    @Test("a process that ends leaves its programs at work, and the next takes facts and records over")
    func takeover() throws {
        let cgroup = try TestCgroup()
        let path = try #require(TestProgram.probe.path)
        do {
            let first = try Sensor(configuration(cgroup))
            #expect(!first.isTakenOver && first.predecessors.isEmpty && first.missingPins.isEmpty)
            try cgroup.run([path, "calls", "134"])
        }
        try cgroup.run([path, "calls", "135"])
        let second = try Sensor(configuration(cgroup))
        #expect(second.isTakenOver && second.programs.allSatisfy { $0.missing == nil || $0.program.isExtra })
        #expect(calls(second).isSuperset(of: [134, 135]))
        let seen = try second.drainRecords().filter { $0.kind == .firstUse }.map(\.number)
        #expect(seen.contains(134) && seen.contains(135), "records wait for whoever reads them")
        try cgroup.run([path, "calls", "136"])
        #expect(calls(second).contains(136))
        #expect(try second.drainRecords().filter { $0.number == 136 }.count == 1, "programs are attached once")
        second.unpin()
        #expect(!FileManager.default.fileExists(atPath: pins.path))
    }

    @Test("programs of another make are replaced without a gap: their facts are read, and they are gone")
    func upgrade() throws {
        let cgroup = try TestCgroup()
        let path = try #require(TestProgram.probe.path)
        let first = try Sensor(configuration(cgroup))
        try cgroup.run([path, "calls", "134"])
        let second = try Sensor(configuration(cgroup, slots: 128))
        #expect(!second.isTakenOver)
        let old = try #require(second.predecessors.first)
        #expect(second.predecessors.count == 1 && old.unreadable == nil)
        #expect(old.subs.contains { $0.calls[.workload]?[.native]?.contains(134) == true })
        #expect(old.slots.contains { $0.cgroupID == cgroup.id })
        let execs = try #require(first.slots.first { $0.cgroupID == cgroup.id }).execs
        try cgroup.run([path, "calls", "135"])
        // The first sensor still lives here and its programs are attached, but they are idle.
        #expect(first.slots.first { $0.cgroupID == cgroup.id }?.execs == execs)
        #expect(!calls(first).contains(135) && calls(second).contains(135))
        #expect(second.slots.first { $0.cgroupID == cgroup.id }?.execs == 1)
        #expect(pins.sets.count == 2, "facts stay until they are saved")
        old.remove()
        #expect(pins.sets.count == 1)
        second.unpin()
    }

    @Test("what a process read and did not save is read again by the next; what it saved is not")
    func unsaved() throws {
        let cgroup = try TestCgroup()
        let path = try #require(TestProgram.probe.path)
        _ = try Sensor(configuration(cgroup))
        try cgroup.run([path, "calls", "134"])
        do {
            let second = try Sensor(configuration(cgroup, slots: 128))
            #expect(second.predecessors.first?.slots.contains { $0.cgroupID == cgroup.id } == true)
        }
        let third = try Sensor(configuration(cgroup, slots: 128))
        #expect(third.isTakenOver)
        let facts = try #require(third.predecessors.first)
        #expect(third.predecessors.count == 1 && facts.unreadable == nil)
        #expect(facts.subs.contains { $0.calls[.workload]?[.native]?.contains(134) == true })
        facts.settle(slot: try #require(facts.slots.first { $0.cgroupID == cgroup.id }).index)
        // The first make again: what works is another set, so that this one must not be taken for it.
        let fourth = try Sensor(configuration(cgroup))
        #expect(!fourth.isTakenOver && fourth.predecessors.count == 2)
        let rest = try #require(fourth.predecessors.first { $0.set == facts.set })
        #expect(!rest.subs.contains { $0.calls[.workload]?[.native]?.contains(134) == true })
        try cgroup.run([path, "calls", "135"])
        #expect(calls(fourth).contains(135))
        for facts in fourth.predecessors { facts.remove() }
        fourth.unpin()
        #expect(!FileManager.default.fileExists(atPath: pins.path))
    }

    @Test("a pin that somebody removes is noticed and made again")
    func tamper() throws {
        let cgroup = try TestCgroup()
        let sensor = try Sensor(configuration(cgroup))
        let set = try #require(pins.sets.first)
        try unsafe #require(unlink("\(pins.path)/\(set)/programs/rf_sys_enter") == 0)
        #expect(sensor.missingPins.count == 1 && sensor.missingPins[0].hasSuffix("rf_sys_enter"))
        try sensor.repin()
        #expect(sensor.missingPins.isEmpty && pins.sets == [set])
        sensor.unpin()
    }
}
