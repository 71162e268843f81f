// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The namespaces that the host's own programs live in: those of process 1.
enum HostNamespaces {
    /// Inode of a namespace of process 1 (namespaces(7)); 0 if it cannot be read.
    static func inode(of kind: String) -> UInt64 {
        var status = stat()
        return unsafe stat("/proc/1/ns/" + kind, &status) == 0 ? UInt64(status.st_ino) : 0
    }
}
