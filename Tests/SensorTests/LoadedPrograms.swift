// SPDX-License-Identifier: Apache-2.0
import CLibBPF
import Glibc

/// The BPF programs that are in the kernel, whoever loaded them.
enum LoadedPrograms {
    /// The ids of those whose name begins with `prefix`.
    static func ids(named prefix: String) -> Set<UInt32> {
        var id: UInt32 = 0
        var found: Set<UInt32> = []
        while unsafe bpf_prog_get_next_id(id, &id) == 0 {
            let descriptor = bpf_prog_get_fd_by_id(id)
            guard descriptor >= 0 else { continue }
            defer { _ = close(descriptor) }
            var information = bpf_prog_info()
            var size = UInt32(MemoryLayout<bpf_prog_info>.size)
            guard unsafe bpf_obj_get_info_by_fd(descriptor, &information, &size) == 0 else { continue }
            let name = unsafe withUnsafeBytes(of: information.name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(prefix) { found.insert(id) }
        }
        return found
    }
}
