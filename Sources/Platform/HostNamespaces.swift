// SPDX-License-Identifier: Apache-2.0

/// Which namespaces the host's own programs live in: those of process 1, or, where that lets nobody look, of the kernel's
/// threads, whose parent is process 2.
package enum HostNamespaces {
    /// Inode of a namespace, by its name in /proc/PID/ns (namespaces(7)); nil if it cannot be read.
    package static func inode(of kind: String, procfs: String = "/proc") -> UInt64? {
        if let inode = inode(of: kind, process: 1, procfs) { return inode }
        let name = (try? FileBytes.read("\(procfs)/2/comm", limit: 64)) ?? []
        return name == Array("kthreadd\n".utf8) ? inode(of: kind, process: 2, procfs) : nil
    }

    private static func inode(of kind: String, process: Int, _ procfs: String) -> UInt64? {
        (try? FileTree.status(of: "\(procfs)/\(process)/ns/\(kind)"))?.inode
    }
}
