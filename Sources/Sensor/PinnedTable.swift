// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
import Glibc

/// A map of replaced programs, read in our layout. Nobody else uses it any more.
struct PinnedTable: ~Copyable {
    private let descriptor: CInt
    private let reader: LayoutReader
    private let keys: LayoutReader?
    private let keySize: Int
    private let valueSize: Int
    /// How many entries it has room for.
    let capacity: Int
    private let name: String

    /// The map `name` of `old`, whose entries become those of the map with the same name of `new`. Refused if members are
    /// missing that nothing can be understood without.
    init(
        _ name: String, of old: borrowing SensorMaps, like new: borrowing SensorMaps, needing members: [String]
    ) throws(BPFError) {
        let descriptor = try old.descriptor(of: name)
        let source = try MapTypes(descriptor: descriptor, named: name)
        let target = try MapTypes(descriptor: new.descriptor(of: name), named: name)
        let reader = LayoutReader(from: source.value, of: source, to: target.value, of: target)
        let keys = source.key == 0 ? nil : LayoutReader(from: source.key, of: source, to: target.key, of: target)
        let lost = members.filter { reader.absent.contains($0) || reader.moved.contains($0) }
        guard lost.isEmpty else {
            throw BPFError(
                step: .read, subject: "\(lost.joined(separator: ", ")) of \(name)", errno: ENOENT,
                remedy: "it was kept in a layout that this version does not know")
        }
        self.descriptor = descriptor
        self.reader = reader
        self.keys = keys
        self.name = name
        keySize = source.keySize
        valueSize = source.valueSize
        capacity = source.capacity
    }

    /// Whether the other layout has a member.
    func has(_ member: String) -> Bool { !reader.absent.contains(member) }

    /// What cannot be read whole, in words; empty if nothing is.
    var shortcomings: [String] {
        reader.cut.sorted().map { "\($0) of \(name) was larger there: only what fits was read" }
    }

    /// Calls `body` with the element at `index`; nil if there is none, or it is not in use.
    @safe func withElement<Value: BitwiseCopyable, Result>(
        _ index: UInt32, _ empty: Value, _ body: (UnsafePointer<Value>) -> Result?
    ) -> Result? {
        guard let bytes = bytes(at: index) else { return nil }
        if let state = reader.offset(of: "state"), bytes[state] != UInt8(RF_READY) { return nil }
        var value = empty
        reader.read(bytes, into: &value)
        // SAFETY: the pointer is to a local of this call.
        return unsafe withUnsafePointer(to: value) { unsafe body($0) }
    }

    /// Sets a 32-bit member of the element at `index`.
    func write(_ number: UInt32, to member: String, of index: UInt32) {
        guard var bytes = bytes(at: index), let offset = reader.offset(of: member), offset + 4 <= bytes.count else {
            return
        }
        for byte in 0..<4 { bytes[offset + byte] = UInt8(truncatingIfNeeded: number >> UInt32(8 * byte)) }
        var key = index
        _ = unsafe bpf_map_update_elem(descriptor, &key, bytes, 0)
    }

    /// Hands out every entry of a hash map, in no order.
    func forEach<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ emptyKey: Key, _ emptyValue: Value, _ body: (Key, inout Value) -> Void
    ) {
        guard let keys else { return }
        var next = [UInt8](repeating: 0, count: keySize)
        var bytes = [UInt8](repeating: 0, count: valueSize)
        // Without a key before, the first one (bpf_map_get_next_key).
        var result = unsafe bpf_map_get_next_key(descriptor, nil, &next)
        while result == 0 {
            let current = next
            if unsafe bpf_map_lookup_elem(descriptor, current, &bytes) == 0 {
                var key = emptyKey
                var value = emptyValue
                keys.read(current, into: &key)
                reader.read(bytes, into: &value)
                body(key, &value)
            }
            result = unsafe bpf_map_get_next_key(descriptor, current, &next)
        }
    }

    private func bytes(at index: UInt32) -> [UInt8]? {
        var key = index
        var bytes = [UInt8](repeating: 0, count: valueSize)
        return unsafe bpf_map_lookup_elem(descriptor, &key, &bytes) == 0 ? bytes : nil
    }
}
