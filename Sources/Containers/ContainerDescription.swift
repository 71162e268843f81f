// SPDX-License-Identifier: Apache-2.0

/// What is known of one container. Text is escaped by `HostileText` and safe to print, except `cgroupPath` and `bundle`,
/// which are paths as the kernel spells them.
package struct ContainerDescription: Equatable, Sendable {
    /// The full id, never cut; for a bare runtime the name that it was given.
    package var id: String
    /// The name that people use; the id where there is no other.
    package var name: String
    /// What made it.
    package var engine: ContainerEngine
    /// The image reference as it was asked for.
    package var image: String?
    /// The image's id or digest, `sha256:` and 64 digits.
    package var digest: String?
    /// Labels; OCI annotations where the runtime keeps no labels.
    package var labels: [String: String] = [:]
    /// The entrypoint and its arguments.
    package var command: [String] = []
    /// The container's cgroup, nil while it has none. As the kernel spells it: escape it before printing.
    package var cgroupPath: String?
    /// Its first process in this pid namespace, nil while it does not run.
    package var pid: Int32?
    /// The workload it is a part of.
    package var workload: ContainerWorkload?
    /// The OCI bundle's directory. As the kernel spells it.
    package var bundle: String?
    /// The OCI runtime's name.
    package var runtime: String?
    /// The user whose runtime it is, 0 for the system's: what another user's files say is not taken for root's.
    package var owner: UInt32 = 0

    /// Whether it has a cgroup now.
    package var isRunning: Bool { cgroupPath != nil }

    package init(id: String, name: String, engine: ContainerEngine) {
        self.id = id
        self.name = name
        self.engine = engine
    }
}
