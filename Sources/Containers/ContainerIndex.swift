// SPDX-License-Identifier: Apache-2.0
import Platform

/// Finds and names containers from cgroups and from what engines keep on disk; no engine has to answer. All text in its
/// answers is escaped, see `ContainerDescription`.
package struct ContainerIndex: Sendable {
    /// Where to look besides the usual places.
    package struct Options: Sendable {
        /// Put before every path, without a trailing slash; empty for the host itself. For tests.
        package var root = ""
        /// Docker data roots besides /var/lib/docker, daemon.json's and those of running engines.
        package var dockerDataRoots: [String] = []
        /// Docker exec roots besides /run/docker, daemon.json's and those of running engines.
        package var dockerExecRoots: [String] = []

        package init() {}
    }

    /// What was found, and what was skipped.
    package struct Listing: Sendable {
        /// The containers, running or not, by name, then id.
        package var containers: [ContainerDescription] = []
        /// One line for each file that could not be used, safe to print.
        package var skipped: [String] = []
        /// The engines that have state on this host, with what is wrong with them; safe to print.
        package var engines: [String] = []
    }

    let options: Options
    let hierarchy: CgroupHierarchy?
    /// Where engines kept their state when the index was made, so that naming one container need not look again.
    private var knownRoots: EngineRoots

    /// An index over the state on disk. Where the engines keep it is found out now; it is read when asked. Without `hierarchy` (tests) cgroup paths are as the
    /// state says, unchecked.
    package init(options: Options = Options(), hierarchy: CgroupHierarchy?) {
        self.options = options
        self.hierarchy = hierarchy
        var reader = StateReader()
        knownRoots = EngineRoots(options, reader: &reader)
    }

    /// Looks again for where engines keep their state: one may have been started since.
    package mutating func findEngines() {
        var reader = StateReader()
        knownRoots = EngineRoots(options, reader: &reader)
    }

    /// Every container that has state or a cgroup.
    package func list() -> Listing {
        var reader = StateReader()
        let roots = EngineRoots(options, reader: &reader)
        var found = dockerContainers(roots, &reader) + storedContainers(roots, &reader)
        var known: [String: Int] = [:]
        for (index, container) in found.enumerated() { known["\(container.owner) \(container.id)"] = index }
        // A runtime's record of an engine's container completes it; others are containers of their own.
        for container in taskContainers(roots, &reader) + runtimeContainers(roots, &reader) {
            let key = "\(container.owner) \(container.id)"
            if let index = known[key] {
                found[index].complete(from: container)
            } else {
                known[key] = found.count
                found.append(container)
            }
        }
        if let hierarchy { locate(&found, in: hierarchy, &reader) }
        found.sort { ($0.name, $0.id) < ($1.name, $1.id) }
        return Listing(containers: found, skipped: reader.skipped, engines: roots.summary)
    }

    /// Names the container that a cgroup belongs to, reading that one container's files only, so that one which lives for
    /// 20 ms is named while its files are there. What has no files keeps its id as name. Nil if the path belongs to no
    /// container and no systemd unit. With `lookingForEngines`, what is not found is looked for again where engines that were
    /// started since keep their state, which costs a scan of /proc.
    package func describe(cgroupPath path: String, lookingForEngines: Bool = true) -> ContainerDescription? {
        var reader = StateReader()
        func again<T>(_ body: (EngineRoots, inout StateReader) -> T?) -> T? {
            guard lookingForEngines else { return nil }
            let roots = EngineRoots(options, reader: &reader)
            return body(roots, &reader)
        }
        let parsed = CgroupPath(path)
        if let parsed, parsed.engine != .systemd {
            // An engine may have been started since: only then is it worth looking for its state again.
            var container =
                lookUp(parsed, path, knownRoots, &reader)
                ?? again { lookUp(parsed, path, $0, &$1) }
                ?? unknown(parsed)
            container.cgroupPath = parsed.containerPath
            container.isInterrupted = reader.isInterrupted
            return container
        }
        if var container = bareContainer(path, knownRoots, &reader)
            ?? again({ bareContainer(path, $0, &$1) })
        {
            if container.cgroupPath == nil { container.cgroupPath = path }
            container.isInterrupted = reader.isInterrupted
            return container
        }
        guard let parsed else { return nil }
        return unknown(parsed)
    }

    /// What a path alone says.
    private func unknown(_ parsed: CgroupPath) -> ContainerDescription {
        let name = HostileText.escaped(parsed.id)
        var container = ContainerDescription(id: name, name: name, engine: parsed.engine)
        container.cgroupPath = parsed.containerPath
        container.owner = parsed.owner ?? 0
        return container
    }

    private func lookUp(
        _ parsed: CgroupPath, _ path: String, _ roots: EngineRoots, _ reader: inout StateReader
    ) -> ContainerDescription? {
        let roots = roots.trusted(forCgroup: path)
        switch parsed.engine {
        case .docker: return dockerContainer(parsed.id, roots, &reader)
        case .podman, .crio: return storedContainer(parsed.id, roots, &reader)
        case .containerd: return taskContainer(parsed.id, parsed.namespace, roots, &reader)
        case .kubernetes:
            return taskContainer(parsed.id, "k8s.io", roots, &reader) ?? dockerContainer(parsed.id, roots, &reader)
                ?? storedContainer(parsed.id, roots, &reader)
        case .runc, .crun: return runtimeContainer(parsed.id, roots, &reader)
        case .lxc, .nspawn: return machine(parsed, &reader)
        case .systemd: return nil
        }
    }

    /// A container that only its runtime knows: some component of the path, the outermost that has state, is its id.
    private func bareContainer(
        _ path: String, _ roots: EngineRoots, _ reader: inout StateReader
    ) -> ContainerDescription? {
        let roots = roots.trusted(forCgroup: path)
        let components = path.split(separator: "/").map(String.init)
        for (index, id) in components.enumerated() {
            let here = "/" + components[...index].joined(separator: "/")
            if var container = runtimeContainer(id, roots, &reader) {
                container.cgroupPath = here
                return container
            }
            if index == 1, var container = taskContainer(id, components[0], roots, &reader) {
                container.cgroupPath = here
                return container
            }
        }
        return nil
    }

    /// Gives each container the cgroup it really has, and adds those that have a cgroup and no state.
    private func locate(
        _ found: inout [ContainerDescription], in hierarchy: CgroupHierarchy, _ reader: inout StateReader
    ) {
        // By owner and id: below a user's own manager there may be a cgroup that is called like root's container.
        var located: [String: CgroupPath] = [:]
        for path in hierarchy.descendants(of: "/") {
            guard let parsed = CgroupPath(path), parsed.engine != .systemd, parsed.containerPath == path else {
                continue
            }
            let key = "\(parsed.owner ?? 0) \(HostileText.escaped(parsed.id))"
            if located[key] == nil { located[key] = parsed }
        }
        for index in found.indices {
            let claimed = found[index].cgroupPath.flatMap { hierarchy.exists($0) ? $0 : nil }
            let key = "\(found[index].owner) \(found[index].id)"
            found[index].cgroupPath = located.removeValue(forKey: key)?.containerPath ?? claimed
            // A path that another user's file claims counts only within that user's own slice.
            if let path = found[index].cgroupPath, found[index].owner != 0,
                !path.hasPrefix("/user.slice/user-\(found[index].owner).slice/")
            {
                found[index].cgroupPath = nil
            }
            guard let pid = found[index].pid else { continue }
            let path = try? hierarchy.cgroup(ofProcess: pid)
            // The number may belong to another process by now.
            let own = found[index].cgroupPath
            if own == nil || path.map({ $0 == own || $0.hasPrefix((own ?? "") + "/") }) != true {
                found[index].pid = nil
            }
        }
        let owned = Set(found.map { "\($0.owner) \($0.id)" })
        for (key, parsed) in located where !owned.contains(key) {
            var container = machine(parsed, &reader) ?? unknown(parsed)
            container.cgroupPath = parsed.containerPath
            found.append(container)
        }
    }
}

extension ContainerDescription {
    /// Fills what is missing from a second record of the same container.
    fileprivate mutating func complete(from other: ContainerDescription) {
        guard owner == other.owner else { return }
        cgroupPath = cgroupPath ?? other.cgroupPath
        pid = pid ?? other.pid
        bundle = bundle ?? other.bundle
        runtime = runtime ?? other.runtime
        if command.isEmpty { command = other.command }
    }
}

extension EngineRoots {
    /// Without the roots that cannot be this cgroup's: a user's containers lie in that user's slice, and what lies below the
    /// user's own manager, where the user makes cgroups at will, is no container of root's, whatever it is called.
    fileprivate func trusted(forCgroup path: String) -> EngineRoots {
        var roots = self
        let delegate = CgroupPath.delegate(of: path)
        func isTrusted(_ root: Root) -> Bool {
            if let delegate { return root.owner == delegate }
            return root.owner == 0 || path.hasPrefix("/user.slice/user-\(root.owner).slice/")
        }
        roots.docker = docker.filter(isTrusted)
        roots.storage = storage.filter(isTrusted)
        roots.tasks = tasks.filter(isTrusted)
        roots.runc = runc.filter(isTrusted)
        roots.crun = crun.filter(isTrusted)
        return roots
    }
}
