// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
package import Events
import Glibc

/// The kernel programs, attached, and the facts they keep. Everything is detached and freed when this dies, or when the
/// process does: nothing is pinned. Used by one thread.
@safe package final class Sensor {
    /// What became of every program that was wanted.
    package let programs: [ProgramStatus]
    /// Whether only calls per cgroup are recorded (kernels before 5.11).
    package let isFallback: Bool
    /// Bytes of kernel memory in maps with a fixed size.
    package let mapBytes: Int

    // The links come first: they are destroyed before the maps that their programs use.
    private let links = AttachedPrograms()
    let slotTable: MappedArray<rf_slot>
    let subTable: MappedArray<rf_sub>
    let countTable: MappedArray<rf_count_page>
    let controlTable: MappedArray<rf_control>
    private var ring: RecordRing
    let denialMap: CInt
    let byteMap: CInt
    private let object: BPFObject

    /// Loads and attaches. Facts are complete from the moment this returns; programs that the kernel refuses are left
    /// out and named in `programs`, and only if nothing useful remains an error is thrown.
    package init(_ configuration: SensorConfiguration) throws(BPFError) {
        let knobs = try SensorKnobs(configuration)
        let loaded = try ProgramLoader(configuration: configuration, knobs: knobs).load()
        isFallback = loaded.isFallback
        var selected = loaded.selected
        var missing = loaded.missing
        object = loaded.object
        mapBytes = knobs.mapBytes
        slotTable = try MappedArray(
            descriptor: object.descriptor(of: "rf_slots"), count: knobs.slots, named: "rf_slots")
        subTable = try MappedArray(descriptor: object.descriptor(of: "rf_subs"), count: knobs.subs, named: "rf_subs")
        countTable = try MappedArray(
            descriptor: object.descriptor(of: "rf_counts"), count: knobs.pages, named: "rf_counts")
        controlTable = try MappedArray(descriptor: object.descriptor(of: "rf_control"), count: 1, named: "rf_control")
        ring = try RecordRing(descriptor: object.descriptor(of: "rf_priority"))
        denialMap = try object.descriptor(of: "rf_denials")
        byteMap = try object.descriptor(of: "rf_cgroup_bytes")
        // Whoever is older than this was not seen from its birth. The process hooks come first, so that nobody born
        // later is missed; then the tasks that exist; the hook on every call last.
        let order: [SensorProgram] = [
            .fork, .exec, .exit, .cgroupAttach, .cgroupMade, .cgroupRemoved, .existingTasks, .ioUringRequest,
            .ioUringSQE, .sysEnter, .sysExit, .fallback,
        ]
        // Until the mark is set, every task that is met is older than the capture.
        Self.markCaptureStart(controlTable, .max)
        for program in order where selected.contains(program) {
            do {
                if program == .existingTasks {
                    try links.run(program, of: object)
                } else {
                    try links.attach(program, of: object)
                }
            } catch {
                guard !program.isEssential, program != .fallback else { throw error }
                selected.remove(program)
                missing[program] = error.description
            }
            if program == .exit { Self.markCaptureStart(controlTable, Self.bootNanoseconds) }
        }
        programs =
            (selected.map { ProgramStatus(program: $0, missing: nil) }
            + missing.map { ProgramStatus(program: $0.key, missing: $0.value) })
            .sorted { $0.program.rawValue < $1.program.rawValue }
    }

    /// A descriptor that is readable when records wait; owned by the sensor.
    package var recordDescriptor: CInt { ring.descriptor }

    /// Takes every record that waits, oldest first. Records tell the story; facts are in the slots.
    package func drainRecords() throws(BPFError) -> [Record] { try ring.drain() }

    private static func markCaptureStart(_ control: borrowing MappedArray<rf_control>, _ nanoseconds: UInt64) {
        _ = control.withElement(0) { unsafe $0.pointee.capture_start_ns = nanoseconds }
    }

    private static var bootNanoseconds: UInt64 {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
