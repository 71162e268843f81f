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
    /// What identifies the image's content, `sha256:` and 64 digits: its digest in a repository where the engine's state on
    /// disk has one, else its id. `digestKind` says which.
    package private(set) var digest: String?
    /// What `digest` is; nil without a digest.
    package private(set) var digestKind: DigestKind?
    /// The image's own id, the digest of its configuration, where the engine has one.
    package private(set) var imageID: String?
    /// Labels; OCI annotations where the runtime keeps no labels.
    package var labels: [String: String] = [:]
    /// Those labels whose value is the image's own and not of whoever started the container.
    package var inheritedLabels: Set<String> = []
    /// The entrypoint and its arguments.
    package var command: [String] = []
    /// The health check as the engine executes it inside the container; empty if there is none or it is not known. The
    /// program of a shell check is Docker's "/bin/sh" (or the image's SHELL) and Podman's "sh".
    package var healthcheck: [String] = []
    /// When it was made, as the engine wrote it (RFC 3339).
    package var created: String?
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

    /// Whether its engine was asked to take all restrictions away; nil where the engine's own state does not say.
    package var isPrivileged: Bool?

    /// Ports of the host that lead to it, as "127.0.0.1:8080 -> 80/tcp"; nil if that is not known.
    package var publishedPorts: [String]?

    /// Whether an engine's or a runtime's state was read; if not, only its cgroup's path is known.
    package var hasState = false

    /// Whether one of its files was half-written or its database busy when `ContainerIndex.describe` looked: labels may be
    /// missing, and asking again may tell more.
    package var isInterrupted = false

    /// Whether it has a cgroup now.
    package var isRunning: Bool { cgroupPath != nil }

    package init(id: String, name: String, engine: ContainerEngine) {
        self.id = id
        self.name = name
        self.engine = engine
    }

    /// What a digest is of.
    package enum DigestKind: String, Sendable {
        /// The manifest, as a repository knows it.
        case repository
        /// The image's id: the engine never saw it in a repository.
        case image
    }

    /// Sets the image's identity from what the engine keeps, raw; what is no digest is not taken.
    mutating func setImage(id: String?, repositoryDigest: String?) {
        imageID = id.flatMap(Self.digest)
        let repository = repositoryDigest.flatMap(Self.digest)
        digest = repository ?? imageID
        digestKind = repository != nil ? .repository : imageID != nil ? .image : nil
    }

    private static func digest(_ text: String) -> String? {
        let digits = text.dropping(prefix: "sha256:") ?? text
        return CgroupPath.isFullID(digits) ? "sha256:" + digits : nil
    }
}
