// SPDX-License-Identifier: Apache-2.0

/// The default profiles of container engines, which the tool carries inside: the files of `profiles/engines`.
package enum EngineDefault: String, CaseIterable, Sendable {
    case docker, podman, containerd

    /// What people call it: `docker-default`.
    package var name: String { rawValue + "-default" }

    /// The default called `name`; nil if there is none.
    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// What the engine gives a container that asks for nothing.
    package var capabilities: Set<String> {
        self == .podman ? EngineContext.podmanCapabilities : EngineContext.dockerCapabilities
    }

    /// The profile with its conditions.
    package func document() throws(SeccompError) -> SeccompDocument {
        try SeccompDocument.read(bytes, file: name)
    }

    private var bytes: [UInt8] {
        switch self {
        case .docker: EmbeddedData.dockerDefault
        case .podman: EmbeddedData.podmanDefault
        case .containerd: EmbeddedData.containerdDefault
        }
    }
}
