// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Sensor
import TestSupport
import Testing

/// Facts of programs that have another layout. They are built from the sources, so there must be a compiler.
@Suite("Other layouts", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
final class LayoutTests {
    private let pins = PinDirectory("/sys/fs/bpf/ringfence-test-\(getpid())-\(UInt32.random(in: 0 ... .max))")

    deinit { pins.removeAll() }

    private func configuration(_ cgroup: TestCgroup) -> SensorConfiguration {
        var configuration = SensorConfiguration(scope: .cgroup(id: cgroup.id))
        configuration.slots = 64
        configuration.subslots = 256
        configuration.pins = pins.path
        return configuration
    }

    @Test("facts of the layout before ours are read, under the name that sets had then")
    func formerLayout() throws {
        let facts = try replaced(VariantObject.formerLayout, name: "2-0123456789abcdef")
        #expect(facts.unreadable == nil && facts.shortcomings.isEmpty && facts.remarks.count == 1)
        #expect(facts.subs.contains { $0.calls[.workload]?[.native]?.contains(134) == true })
        let slot = try #require(facts.slots.first { $0.execs > 0 })
        #expect(slot.unbooked == SlotSnapshot.Account() && slot.account.produced > 0)
    }

    @Test("what is larger in another layout is cut, and that is said")
    func largerLayout() throws {
        let facts = try replaced(VariantObject.largerLayout)
        #expect(facts.unreadable == nil && !facts.shortcomings.isEmpty)
        #expect(facts.shortcomings.allSatisfy { $0.contains("was larger there") }, "\(facts.shortcomings)")
        #expect(facts.subs.contains { $0.calls[.workload]?[.native]?.contains(134) == true })
        #expect(facts.slots.contains { $0.socketFamilies[.workload]?.values == [1, 2] })
    }

    @Test("a layout that nothing can be made of is said in one line")
    func strangeLayout() throws {
        let facts = try replaced(VariantObject.strangeLayout)
        let reason = try #require(facts.unreadable)
        #expect(reason.contains("cgroup_id of rf_slots") && !reason.contains("\n"), "\(reason)")
        #expect(facts.slots.isEmpty && facts.subs.isEmpty)
    }

    /// What is read of programs that were built with another layout, after they have seen calls 134 and two sockets.
    private func replaced(_ changes: [VariantObject.Change], name: String? = nil) throws -> PinnedFacts {
        let cgroup = try TestCgroup()
        let path = try #require(TestProgram.probe.path)
        var old = configuration(cgroup)
        old.object = try VariantObject.build(changes, in: TemporaryDirectory())
        _ = try Sensor(old)
        let set = try #require(pins.sets.first)
        if let name { try unsafe #require(rename("\(pins.path)/\(set)", "\(pins.path)/\(name)") == 0) }
        try cgroup.run([path, "calls", "134"])
        try cgroup.run([path, "sockets", "1", "2"])
        let sensor = try Sensor(configuration(cgroup))
        #expect(!sensor.isTakenOver && sensor.predecessors.count == 1)
        return try #require(sensor.predecessors.first { $0.set == name ?? set })
    }
}
