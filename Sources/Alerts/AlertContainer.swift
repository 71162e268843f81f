// SPDX-License-Identifier: Apache-2.0
package import Containers

/// Where it happened. All text is escaped.
package struct AlertContainer: Codable, Hashable, Sendable {
    /// The full id; a service's or cgroup's name where it is no container; "host" for Ringfence itself.
    package var id: String
    package var name: String
    package var image: String?
    package var digest: String?
    /// "namespace/pod/container" or "project/service".
    package var workload: String?
    /// By `ContainerEngine.rawValue`; nil if it is not known.
    package var engine: String?
    /// What of the way it was set up weakens it, the gravest first, and what of that is not known; nil if it was not looked
    /// at, empty if nothing grave was found.
    package var posture: [String]?

    /// How many findings of a posture are kept, and how many bytes of each.
    static let postureLimit = 12
    static let postureByteLimit = 256

    /// A container, or what stands for one.
    package init(
        id: String, name: String, image: String? = nil, digest: String? = nil, workload: String? = nil,
        engine: String? = nil, posture: [String]? = nil
    ) {
        self.id = SafeText.of(id, limit: 256)
        self.name = SafeText.of(name, limit: 256)
        self.image = image.map { SafeText.of($0, limit: 512) }
        self.digest = digest.map { SafeText.of($0, limit: 128) }
        self.workload = workload.map { SafeText.of($0, limit: 512) }
        self.engine = engine.map { SafeText.of($0, limit: 32) }
        self.posture = posture.map { findings in
            findings.prefix(Self.postureLimit).map { SafeText.of($0, limit: Self.postureByteLimit) }
        }
    }

    /// What the container index knows of one, and what its posture comes to.
    package init(_ container: ContainerDescription, posture: [String]? = nil) {
        let workload: String? =
            switch container.workload {
            case .kubernetes(let namespace, let pod, let name)?: "\(namespace)/\(pod)/\(name)"
            case .compose(let project, let service)?: "\(project)/\(service)"
            case nil: nil
            }
        self.init(
            id: container.id, name: container.name, image: container.image, digest: container.digest,
            workload: workload, engine: container.engine.rawValue, posture: posture)
    }

    /// Whether an engine or a runtime made it: services are systemd's.
    package var isContainer: Bool {
        engine.flatMap(ContainerEngine.init(rawValue:)).map { $0 != .systemd } ?? false
    }

    /// Ringfence itself, for alerts about its own state.
    package static let host = AlertContainer(id: "host", name: "host")
}
