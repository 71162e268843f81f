// SPDX-License-Identifier: Apache-2.0
import CLibBPF
import Glibc

/// The BPF programs that are in the kernel, whoever loaded them.
enum LoadedPrograms {
    /// How many have a name that begins with `prefix`.
    static func count(named prefix: String) -> Int {
        var id: UInt32 = 0
        var count = 0
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
            if name.hasPrefix(prefix) { count += 1 }
        }
        return count
    }
}
