// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// Which namespaces the host's own programs live in: those of process 1, or, where that lets nobody look, of the kernel's
/// threads, whose parent is process 2.
enum HostNamespaces {
    /// Inode of a namespace (namespaces(7)); 0 if it cannot be read.
    static func inode(of kind: String) -> UInt64 {
        if let inode = inode(of: kind, process: 1) { return inode }
        let name = (try? FileBytes.read("/proc/2/comm", limit: 64)) ?? []
        return name == Array("kthreadd\n".utf8) ? inode(of: kind, process: 2) ?? 0 : 0
    }

    private static func inode(of kind: String, process: Int) -> UInt64? {
        var status = stat()
        return unsafe stat("/proc/\(process)/ns/\(kind)", &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
