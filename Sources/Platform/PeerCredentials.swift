// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// Who is at the other end of a unix stream socket, as the kernel noted it at connect(2) or listen(2).
package struct PeerCredentials: Sendable, Equatable {
    /// Process id; 0 for a process of another pid namespace.
    package let pid: Int32
    /// Effective user id.
    package let user: UInt32
    /// Effective group id.
    package let group: UInt32
    /// Supplementary groups (SO_PEERGROUPS, Linux 4.13); empty where the kernel does not tell.
    package let groups: [UInt32]

    /// Credentials that are known already.
    package init(pid: Int32, user: UInt32, group: UInt32, groups: [UInt32] = []) {
        self.pid = pid
        self.user = user
        self.group = group
        self.groups = groups
    }

    init(of socket: CInt, subject: String) throws(SystemError) {
        var peer = rf_peer()
        // SAFETY: `peer` is ours for the length of the call.
        guard unsafe rf_peer_credentials(socket, &peer) == 0 else {
            throw SystemError("identify the peer of", subject, errno: errno)
        }
        // A process has at most 65,536 groups, credentials(7); more than these is nobody whom we would know.
        var groups = [UInt32](repeating: 0, count: 1024)
        // SAFETY: the array has as many elements as the call is told.
        let count = unsafe rf_peer_groups(socket, &groups, groups.count)
        self.init(
            pid: peer.pid, user: peer.uid, group: peer.gid, groups: count > 0 ? Array(groups.prefix(Int(count))) : [])
    }

    /// Whether a group is the peer's own or one of its supplementary ones.
    package func isMember(of group: UInt32) -> Bool { self.group == group || groups.contains(group) }
}
