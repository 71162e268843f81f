// SPDX-License-Identifier: Apache-2.0
import CLibBPF
import Glibc

/// The word that says which generation of pinned programs works, shared by all sets of a directory.
struct GenerationSwitch: ~Copyable {
    /// The generation that works; 0 if none has yet.
    private(set) var current: UInt64 = 0
    /// The map that holds the word; nil until there is one. Owned by this value.
    private(set) var descriptor: CInt?
    private let pins: PinDirectory
    private let grace: GracePeriod

    /// Reads the word of a directory. Where its pin was removed, each set still has one.
    init(_ pins: PinDirectory) throws(BPFError) {
        self.pins = pins
        grace = try GracePeriod()
        let places = [pins.generationPath] + pins.sets.map { pins.directory(of: $0) + "/rf_generation" }
        for place in places {
            let opened = unsafe bpf_obj_get(place)
            guard opened >= 0 else { continue }
            descriptor = opened
            break
        }
        var zero: UInt32 = 0
        if let descriptor { _ = unsafe bpf_map_lookup_elem(descriptor, &zero, &current) }
    }

    /// Has the next generation work, whose maps these are, instead of the one that does: one store.
    mutating func advance(_ maps: borrowing SensorMaps) throws(BPFError) {
        let shared = try maps.descriptor(of: "rf_generation")
        var zero: UInt32 = 0
        var next = current + 1
        if unsafe access(pins.generationPath, F_OK) != 0, unsafe bpf_obj_pin(shared, pins.generationPath) != 0 {
            throw BPFError(step: .pin, subject: pins.generationPath, errno: errno)
        }
        guard unsafe bpf_map_update_elem(shared, &zero, &next, 0) == 0 else {
            throw BPFError(step: .map, subject: "rf_generation", errno: errno)
        }
        current = next
    }

    /// Waits until no program of an earlier generation runs any more; says why that could not be done.
    func waitForPrograms() -> String? {
        do throws(BPFError) { try grace.wait() } catch { return error.description }
        return nil
    }

    deinit { if let descriptor { _ = close(descriptor) } }
}
