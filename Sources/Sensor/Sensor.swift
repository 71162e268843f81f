// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
package import Events
import Glibc

/// The kernel programs, attached, and the facts they keep. Without pins everything is detached and freed when this dies,
/// or when the process does. Facts are read in place; one thread changes them.
@safe package final class Sensor {
    /// What became of every program that was wanted.
    package let programs: [ProgramStatus]
    /// Whether only calls per cgroup are recorded (kernels before 5.11).
    package let isFallback: Bool
    /// Kernel memory in maps with a fixed size: name and bytes.
    package let mapSizes: [(name: String, bytes: Int)]
    /// Whether programs and facts of an earlier process were taken over: nothing was missed since it ended.
    package let isTakenOver: Bool
    /// Facts of programs that were replaced, of this make or another; pinned until somebody removes them.
    package let predecessors: [PinnedFacts]

    // The links come first: they are destroyed before the maps that their programs use.
    private let links: AttachedPrograms
    let slotTable: MappedArray<rf_slot>
    let subTable: MappedArray<rf_sub>
    let countTable: MappedArray<rf_count_page>
    let controlTable: MappedArray<rf_control>
    let policyTable: MappedArray<rf_policy>
    let steadyTable: MappedArray<rf_steady>
    let keepsSteady: Bool
    private var ring: RecordRing
    let maps: SensorMaps
    private let pins: (directory: PinDirectory, set: String)?
    /// The directory of the cgroup that the address hooks are linked to.
    private let network: String?

    /// Loads and attaches, or takes over what is pinned. Facts are complete from the moment this returns; programs that
    /// the kernel refuses are left out and named in `programs`, and only if nothing useful remains an error is thrown.
    package init(_ configuration: SensorConfiguration) throws(BPFError) {
        let knobs = try SensorKnobs(configuration)
        let capture: SensorCapture
        if let path = configuration.pins {
            let directory = PinDirectory(path)
            capture = try SensorCapture(configuration, knobs, pins: directory)
            pins = (directory, capture.set)
        } else {
            capture = try SensorCapture(configuration, knobs)
            pins = nil
        }
        network = configuration.network
        keepsSteady = configuration.keepsSteady && !capture.isFallback
        programs = capture.programs
        isFallback = capture.isFallback
        isTakenOver = capture.isTakenOver
        predecessors = capture.predecessors
        mapSizes = knobs.mapSizes
        links = capture.links
        let maps = try capture.takeMaps()
        slotTable = try MappedArray(descriptor: maps.descriptor(of: "rf_slots"), count: knobs.slots, named: "rf_slots")
        subTable = try MappedArray(descriptor: maps.descriptor(of: "rf_subs"), count: knobs.subs, named: "rf_subs")
        countTable = try MappedArray(
            descriptor: maps.descriptor(of: "rf_counts"), count: knobs.pages, named: "rf_counts")
        controlTable = try MappedArray(descriptor: maps.descriptor(of: "rf_control"), count: 1, named: "rf_control")
        policyTable = try MappedArray(
            descriptor: maps.descriptor(of: "rf_policies"), count: knobs.policies, named: "rf_policies")
        steadyTable = try MappedArray(
            descriptor: maps.descriptor(of: "rf_steady"), count: knobs.steady, named: "rf_steady")
        ring = try RecordRing(descriptor: maps.descriptor(of: "rf_priority"))
        self.maps = maps
        for facts in predecessors { succeed(facts) }
    }

    /// The name of the set of programs and maps that works; nil without pins.
    package var set: String? { pins?.set }

    /// A cgroup that the programs before ours have watched was not found late, and not now.
    private func succeed(_ facts: PinnedFacts) {
        let known = Dictionary(facts.slots.map { ($0.cgroupID, $0) }) { first, _ in first }
        for index in 0..<slotsUsed {
            guard let id = cgroup(ofSlot: index), let old = known[id] else { continue }
            _ = slotTable.withElement(Int(index)) { slot in
                if !old.has(UInt32(RF_SLOT_LATE)) { unsafe rf_slot_clear_flags(slot, UInt32(RF_SLOT_LATE)) }
                unsafe slot.pointee.first_seen_ns = min(slot.pointee.first_seen_ns, old.firstSeenNanoseconds)
            }
        }
    }

    /// Bytes of kernel memory in maps with a fixed size.
    package var mapBytes: Int { mapSizes.reduce(0) { $0 + $1.bytes } }

    /// A descriptor that is readable when records wait; owned by the sensor.
    package var recordDescriptor: CInt { ring.descriptor }

    /// Takes every record that waits, oldest first. Records tell the story; facts are in the slots.
    package func drainRecords() throws(BPFError) -> [Record] { try ring.drain() }

    /// Unpins everything: when this dies, nothing is left attached.
    package func unpin() { pins?.directory.removeAll() }

    /// Names of our pins that somebody has removed; empty without pins.
    package var missingPins: [String] {
        guard let pins else { return [] }
        let directory = pins.directory.directory(of: pins.set)
        return links.programs.map { "\(directory)/programs/\($0.rawValue)" }.filter { unsafe access($0, F_OK) != 0 }
            .sorted()
    }

    /// Links again what somebody has cut off its cgroup, and says which programs that were; empty without pins.
    package func relink() throws(BPFError) -> [SensorProgram] {
        guard let pins, let network else { return [] }
        let cut = links.cut
        for program in cut {
            try links.relink(
                program, toCgroup: network, pinnedIn: pins.directory.directory(of: pins.set) + "/programs")
        }
        return cut
    }

    /// Pins again what was removed.
    package func repin() throws(BPFError) {
        guard let pins else { return }
        pins.directory.remove(pins.set)
        try pins.directory.makeDirectories(for: pins.set)
        try maps.pin(in: pins.directory.directory(of: pins.set))
        try links.pin(in: pins.directory.directory(of: pins.set) + "/programs")
    }
}
