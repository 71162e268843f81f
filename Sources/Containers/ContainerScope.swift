// SPDX-License-Identifier: Apache-2.0

/// Which cgroups are learned and compared.
package enum ContainerScope: String, Sendable, CaseIterable {
    case containers
    case containersAndServices = "containers+services"
    /// Everything but the root cgroup, where kernel threads live, and Ringfence itself.
    case all

    /// The name of our own unit.
    package static let ownUnit = "ringfenced.service"

    /// What the cgroup at `path` is and whether it is in scope.
    ///
    /// - Parameters:
    ///   - container: what `ContainerIndex` or `ContainerNaming` found for it; a bare runtime's container cannot be told by
    ///     its path.
    ///   - own: the cgroup of this process. What lies below it is ours as well, containers excepted: a daemon that was started
    ///     by hand in a container engine's host container has them below itself. The root is never taken for ours.
    package func standing(
        of path: String, container: ContainerDescription? = nil, own: String? = nil
    ) -> CgroupStanding {
        let parsed = CgroupPath(path)
        if let container, container.engine != .systemd {
            return judged(.container, container.cgroupPath ?? parsed?.containerPath ?? path)
        }
        if let parsed, parsed.engine != .systemd { return judged(.container, parsed.containerPath) }
        if path.allSatisfy({ $0 == "/" }) { return judged(.root, "/") }
        if let parsed, parsed.id == Self.ownUnit, !parsed.containerPath.hasPrefix("/user.slice/") {
            return judged(.own, parsed.containerPath)
        }
        if let own, own != "/", path == own || path.hasPrefix(own + "/") { return judged(.own, own) }
        guard let parsed else { return judged(path.hasSuffix(".slice") ? .slice : .other, path) }
        if parsed.kind == .service { return judged(.service, parsed.containerPath) }
        let isSession = parsed.id.hasPrefix("session-") && parsed.containerPath.hasPrefix("/user.slice/")
        return judged(isSession ? .session : .scope, parsed.containerPath)
    }

    private func judged(_ role: CgroupStanding.Role, _ path: String) -> CgroupStanding {
        let isInScope =
            switch role {
            case .root, .own: false
            case .container: true
            case .service: self != .containers
            case .session, .scope, .slice, .other: self == .all
            }
        return CgroupStanding(role: role, path: path, isInScope: isInScope)
    }
}
