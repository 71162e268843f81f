// SPDX-License-Identifier: Apache-2.0
import CLibBPF
import Glibc

/// Descriptors of the maps that user space needs, however they were come by. Closed when the value dies.
struct SensorMaps: ~Copyable {
    /// The maps that a later process needs to go on with; where the kernel lacks one it is left out.
    private static let names = [
        "rf_slots", "rf_subs", "rf_counts", "rf_control", "rf_policies", "rf_deviations", "rf_denials", "rf_slot_of",
        "rf_sub_of", "rf_namespaces", "rf_edges", "rf_credentials", "rf_options", "rf_peers", "rf_unix_peers",
        "rf_outsiders", "rf_steady", "rf_free_slots", "rf_free_subs", "rf_priority", "rf_bulk", "rf_cgroup_bytes",
        "rf_generation",
    ]

    private let descriptors: [String: CInt]

    /// The maps of a loaded object.
    init(of object: borrowing BPFObject) throws(BPFError) {
        var found: [String: CInt] = [:]
        for name in Self.names {
            let copy = fcntl(try object.descriptor(of: name), F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else {
                let reason = errno
                found.values.forEach { _ = close($0) }
                throw BPFError(step: .map, subject: name, errno: reason)
            }
            found[name] = copy
        }
        descriptors = found
    }

    /// The maps that are pinned in a directory.
    init(pinnedIn directory: String) throws(BPFError) {
        var found: [String: CInt] = [:]
        for name in Self.names {
            let descriptor = unsafe bpf_obj_get("\(directory)/\(name)")
            guard descriptor >= 0 else {
                let reason = errno
                found.values.forEach { _ = close($0) }
                throw BPFError(step: .open, subject: "\(directory)/\(name)", errno: reason)
            }
            found[name] = descriptor
        }
        descriptors = found
    }

    /// Those of the maps that are pinned in a directory: other versions may have had fewer.
    init(presentIn directory: String) {
        var found: [String: CInt] = [:]
        for name in Self.names {
            let descriptor = unsafe bpf_obj_get("\(directory)/\(name)")
            if descriptor >= 0 { found[name] = descriptor }
        }
        descriptors = found
    }

    /// Pins every map in a directory of the BPF file system.
    func pin(in directory: String) throws(BPFError) {
        for (name, descriptor) in descriptors {
            guard unsafe bpf_obj_pin(descriptor, "\(directory)/\(name)") == 0 else {
                throw BPFError(step: .pin, subject: "\(directory)/\(name)", errno: errno)
            }
        }
    }

    /// A map's descriptor, owned by this value.
    func descriptor(of name: String) throws(BPFError) -> CInt {
        guard let descriptor = descriptors[name] else { throw BPFError(step: .map, subject: name, errno: ENOENT) }
        return descriptor
    }

    /// Hands out every entry of a hash map, in no order; nothing if the kernel lacks the map. `key` and `value` only say what
    /// its entries are.
    func forEach<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        in name: String, key: Key, value: Value, _ body: (Key, inout Value) -> Void
    ) {
        guard let map = descriptors[name] else { return }
        var key = key
        var next = key
        var value = value
        // Without a key before, the first one (bpf_map_get_next_key).
        var result = unsafe bpf_map_get_next_key(map, nil, &next)
        while result == 0 {
            key = next
            if unsafe bpf_map_lookup_elem(map, &key, &value) == 0 { body(key, &value) }
            result = unsafe bpf_map_get_next_key(map, &key, &next)
        }
    }

    /// Removes the entries of a hash map that `isGone` says.
    func remove<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        in name: String, key: Key, value: Value, where isGone: (Key, Value) -> Bool
    ) {
        guard let map = descriptors[name] else { return }
        // First all, then away with them: the next of a key that is gone would be the first one again.
        var gone: [Key] = []
        forEach(in: name, key: key, value: value) { key, value in if isGone(key, value) { gone.append(key) } }
        for var key in gone { _ = unsafe bpf_map_delete_elem(map, &key) }
    }

    deinit { descriptors.values.forEach { _ = close($0) } }
}
