// SPDX-License-Identifier: Apache-2.0
import Platform

/// Tells the host's own namespaces from others, by their inodes.
struct NamespaceComparison: Equatable, Sendable {
    /// Names in OCI configurations by names in /proc/PID/ns.
    private static let files = [
        "pid": "pid", "network": "net", "ipc": "ipc", "uts": "uts", "cgroup": "cgroup", "user": "user", "mount": "mnt",
    ]

    /// Inodes of nsfs by kind, namespaces(7); what cannot be read is missing.
    private var inodes: [String: UInt64] = [:]

    init(procfs: String) {
        for (kind, file) in Self.files { inodes[kind] = HostNamespaces.inode(of: file, procfs: procfs) }
    }

    /// Whether the namespace file at `path` is the host's of that kind; nil if either cannot be looked at.
    func isHost(_ path: String, kind: String) -> Bool? {
        guard let own = inodes[kind], let other = (try? FileTree.status(of: path))?.inode else { return nil }
        return own == other
    }

    /// The same of a process.
    func isHost(process: String, kind: String) -> Bool? {
        Self.files[kind].flatMap { isHost("\(process)/ns/\($0)", kind: kind) }
    }
}
