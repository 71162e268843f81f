// SPDX-License-Identifier: Apache-2.0

/// What a cgroup is, and which cgroup stands for it: everything below a container or a unit belongs to that.
package struct CgroupStanding: Equatable, Sendable {
    /// What a cgroup is.
    package enum Role: String, Sendable {
        case container
        /// A systemd service.
        case service
        /// Somebody's login: session-N.scope.
        case session
        /// Another systemd scope.
        case scope
        /// A cgroup of systemd's that holds units.
        case slice
        /// What nobody gave a name that says something; a bare runtime's container looks like that until its state is read.
        case other
        /// The root of the tree, where kernel threads live.
        case root
        /// Ringfence's own.
        case own
    }

    /// What it is.
    package let role: Role
    /// The cgroup that stands for it: the container's or the unit's own, else the path itself.
    package let path: String
    /// Whether it is to be learned and compared.
    package let isInScope: Bool
}
