// SPDX-License-Identifier: Apache-2.0

/// Who made a container and of what, as the audit keeps it. All text is escaped and safe to print.
package struct ContainerOrigin: Equatable, Sendable, Codable {
    /// The engine: "docker", "podman", "runc".
    package let engine: String
    /// The OCI runtime below it, if that is known and is another.
    package let runtime: String?
    /// The user whose engine it is.
    package let owner: UInt32
    /// When the engine made it, as the engine wrote it.
    package let created: String?
    /// The image reference as it was asked for.
    package let image: String?
    /// The image's digest.
    package let digest: String?
    /// What the digest is: "repository" or "image".
    package let digestKind: String?
    /// The entrypoint and its arguments.
    package let command: [String]
    /// "compose PROJECT/SERVICE", "kubernetes NAMESPACE/POD/CONTAINER"; nil for a container that somebody started alone.
    package let workload: String?

    package init(_ container: ContainerDescription) {
        engine = container.engine.rawValue
        runtime = container.runtime == container.engine.rawValue ? nil : container.runtime
        owner = container.owner
        created = container.created
        image = container.image
        digest = container.digest
        digestKind = container.digestKind?.rawValue
        command = container.command
        workload = container.workload?.description
    }
}
