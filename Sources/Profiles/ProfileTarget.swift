// SPDX-License-Identifier: Apache-2.0

/// What was recorded.
package struct ProfileTarget: Codable, Equatable, Sendable {
    /// How the target was chosen.
    package enum Kind: String, Codable, Sendable {
        case command, container, cgroup, unit, process
    }

    package var kind: Kind
    /// The container's or unit's name, the cgroup's path, or the command's first word; escaped.
    package var name: String
    /// The command line of a `command`, or the container's entrypoint where known; escaped, one word an element.
    package var command: [String]
    /// `docker`, `podman`, `containerd`, `runc`, ... for a container.
    package var engine: String?
    /// The image reference as the engine has it.
    package var image: String?
    /// Every image digest the profile was learned from, sorted.
    package var digests: [String]

    /// A target of `kind` called `name`.
    package init(
        kind: Kind, name: String, command: [String] = [], engine: String? = nil, image: String? = nil,
        digests: [String] = []
    ) {
        self.kind = kind
        self.name = name
        self.command = command
        self.engine = engine
        self.image = image
        self.digests = digests
    }
}
