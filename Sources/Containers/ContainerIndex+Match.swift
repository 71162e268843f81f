// SPDX-License-Identifier: Apache-2.0
import Platform

extension ContainerIndex {
    /// The running containers that `pattern` names: by exact name, else exact id, else the beginning of one id (four
    /// hexadecimal digits or more), else a glob on names. Several may have one
    /// name, in two engines or of two users (see `owner`); all are returned. An error says what exists instead.
    package func match(_ pattern: String) throws(ContainerError) -> [ContainerDescription] {
        try Self.match(pattern, in: list())
    }

    /// The same in a listing that was made before.
    package static func match(
        _ pattern: String, in listing: Listing
    ) throws(ContainerError) -> [ContainerDescription] {
        let subject = HostileText.escaped(pattern)
        let running = listing.containers.filter(\.isRunning)
        let found = try select(pattern, from: running)
        if !found.isEmpty { return found }
        if let stopped = try select(pattern, from: listing.containers).first {
            throw ContainerError(
                .findContainer, subject,
                "\(stopped.engine.rawValue) has a container of that name that is not running; start it, "
                    + "or use --wait to record it from its first call")
        }
        throw ContainerError(.findContainer, subject, absence(running, listing))
    }

    private static func select(
        _ pattern: String, from containers: [ContainerDescription]
    ) throws(ContainerError) -> [ContainerDescription] {
        let named = containers.filter { $0.name == pattern }
        if !named.isEmpty { return named }
        let identified = containers.filter { $0.id == pattern }
        if !identified.isEmpty { return identified }
        if pattern.utf8.count >= 4, CgroupPath.isHexadecimal(pattern) {
            let begun = containers.filter { CgroupPath.isFullID($0.id) && $0.id.hasPrefix(pattern) }
            guard begun.count <= 1 else {
                let ids = begun.prefix(10).map { "\($0.name) (\($0.id.prefix(pattern.count + 8))...)" }
                throw ContainerError(
                    .findContainer, HostileText.escaped(pattern),
                    "\(begun.count) ids begin like this: \(ids.joined(separator: ", ")); give more digits")
            }
            if !begun.isEmpty { return begun }
        }
        let glob = GlobPattern(pattern)
        return glob.isGlob ? containers.filter { glob.matches($0.name) } : []
    }

    private static func absence(_ running: [ContainerDescription], _ listing: Listing) -> String {
        guard !listing.engines.isEmpty || !running.isEmpty else {
            return "no container engine has state on this host (looked for docker, podman, containerd, cri-o, runc and "
                + "crun); start the engine, or use --cgroup or --pid"
        }
        let engines = "engines with state here: \(listing.engines.joined(separator: ", "))"
        guard !running.isEmpty else {
            return "no container is running; \(engines); start it, or use --wait to record it from its first call"
        }
        let names = running.prefix(10).map(\.name).joined(separator: ", ")
        let more = running.count > 10 ? " and \(running.count - 10) more" : ""
        return "no such container; running: \(names)\(more); \(engines); check the name, "
            + "or use --wait to record it from its first call"
    }
}
