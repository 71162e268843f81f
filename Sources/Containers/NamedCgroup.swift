// SPDX-License-Identifier: Apache-2.0

/// What `ContainerNaming` found out about one cgroup.
package struct NamedCgroup: Equatable, Sendable {
    /// How far that got.
    package enum State: String, Sendable {
        /// Its engine's or runtime's state was read, or its path says all there is to say (a unit).
        case named
        /// Nothing was found, and nothing more is tried; the id in its path, if there is one, is its name.
        case unknown
        /// It was removed before its state could be read; the id in its path, if there is one, is its name.
        case gone
    }

    /// The kernel's id of the cgroup.
    package let cgroupID: UInt64
    /// Its path as the kernel spells it: escape it before printing.
    package let path: String
    /// How far naming got.
    package let state: State
    /// Whose it is. Nil for what is no container and no unit as far as anybody can tell: a slice, somebody's own cgroup.
    package let container: ContainerDescription?

    /// What was found out.
    package init(cgroupID: UInt64, path: String, state: State, container: ContainerDescription?) {
        self.cgroupID = cgroupID
        self.path = path
        self.state = state
        self.container = container
    }
}
