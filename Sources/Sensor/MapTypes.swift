// SPDX-License-Identifier: Apache-2.0
import CLibBPF
import Glibc

/// What a map says of its own entries: the type information (BTF, Linux 4.18) that it was made with.
@safe struct MapTypes: ~Copyable {
    private let raw: OpaquePointer
    /// Type ids of keys and values; 0 where the map does not say.
    let key: UInt32
    let value: UInt32
    /// Bytes of a key, a value, and how many entries there can be.
    let keySize: Int
    let valueSize: Int
    let capacity: Int

    /// One kind of type, as far as layouts are concerned.
    enum Shape {
        /// A number of so many bytes.
        case scalar(bytes: Int)
        case array(of: UInt32, count: Int)
        case structure
    }

    /// A member of a struct.
    struct Member {
        let type: UInt32
        /// Bytes from the struct's beginning.
        let offset: Int
    }

    /// The types of the map behind `descriptor`.
    init(descriptor: CInt, named name: String) throws(BPFError) {
        // libbpf would write to our standard error.
        unsafe libbpf_set_print(nil)
        var info = bpf_map_info()
        var size = UInt32(MemoryLayout<bpf_map_info>.size)
        guard unsafe bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0 else {
            throw BPFError(step: .read, subject: name, errno: errno)
        }
        // SAFETY: libbpf returns an object that we own, or NULL with errno set.
        guard info.btf_id != 0, let btf = unsafe btf__load_from_kernel_by_id(info.btf_id) else {
            throw BPFError(
                step: .read, subject: "the type information of \(name)", errno: info.btf_id == 0 ? ENOENT : errno)
        }
        unsafe raw = btf
        key = info.btf_key_type_id
        value = info.btf_value_type_id
        keySize = Int(info.key_size)
        valueSize = Int(info.value_size)
        capacity = Int(info.max_entries)
    }

    /// What a type is, behind its typedefs; nil for what no layout of ours has.
    func shape(of type: UInt32) -> Shape? {
        guard let (pointer, _) = unsafe resolved(type) else { return nil }
        switch unsafe pointer.pointee.info >> 24 & 0x1f {
        case UInt32(BTF_KIND_INT), UInt32(BTF_KIND_ENUM): return .scalar(bytes: Int(unsafe pointer.pointee.size))
        case UInt32(BTF_KIND_STRUCT): return .structure
        case UInt32(BTF_KIND_ARRAY):
            // SAFETY: a BTF array is followed by one struct btf_array (include/uapi/linux/btf.h).
            let array = unsafe UnsafeRawPointer(pointer + 1).assumingMemoryBound(to: btf_array.self).pointee
            return .array(of: array.type, count: Int(array.nelems))
        default: return nil
        }
    }

    /// Bytes of one value of a type.
    func size(of type: UInt32) -> Int { Int(max(0, unsafe btf__resolve_size(raw, type))) }

    /// The members of a struct by name; those without one, and bit fields, are left out.
    func members(of type: UInt32) -> [String: Member] {
        guard let (pointer, count) = unsafe resolved(type), case .structure? = shape(of: type) else { return [:] }
        // SAFETY: a BTF struct is followed by `vlen` entries of struct btf_member (include/uapi/linux/btf.h).
        let entries = unsafe UnsafeRawPointer(pointer + 1).assumingMemoryBound(to: btf_member.self)
        var all: [String: Member] = [:]
        for index in 0..<count {
            let entry = unsafe entries[index]
            guard let text = unsafe btf__name_by_offset(raw, entry.name_off), entry.offset & 7 == 0,
                entry.offset >> 24 == 0
            else { continue }
            let name = unsafe String(cString: text)
            if !name.isEmpty { all[name] = Member(type: entry.type, offset: Int(entry.offset) / 8) }
        }
        return all
    }

    private func resolved(_ type: UInt32) -> (UnsafePointer<btf_type>, count: Int)? {
        let id = unsafe btf__resolve_type(raw, type)
        guard type != 0, id > 0, let pointer = unsafe btf__type_by_id(raw, UInt32(id)) else { return nil }
        return unsafe (pointer, Int(pointer.pointee.info & 0xffff))
    }

    deinit { unsafe btf__free(raw) }
}
