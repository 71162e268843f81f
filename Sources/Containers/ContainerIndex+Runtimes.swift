// SPDX-License-Identifier: Apache-2.0
import Platform

/// What is used of runc's `state.json`.
private struct RuncState: Decodable {
    struct Config: Decodable { let labels: [String]? }
    let init_process_pid: Int32?
    /// Directories by controller; "" is cgroup2.
    let cgroup_paths: [String: String]?
    let config: Config?
    let created: String?
}

/// What is used of crun's `status`.
private struct CrunStatus: Decodable {
    let pid: Int32?
    let bundle: String?
    let cgroupPath: String?
    let created: String?
    enum CodingKeys: String, CodingKey {
        case pid, bundle, created
        case cgroupPath = "cgroup-path"
    }
}

/// runc and crun, by what they keep of running containers, an engine's or their own.
extension ContainerIndex {
    /// All containers that either runtime knows.
    func runtimeContainers(_ roots: EngineRoots, _ reader: inout StateReader) -> [ContainerDescription] {
        var found: [ContainerDescription] = []
        for root in roots.runc {
            for id in (try? FileTree.entries(of: root.path)) ?? [] {
                if let container = runc(id, root, &reader) { found.append(container) }
            }
        }
        for root in roots.crun {
            for id in (try? FileTree.entries(of: root.path)) ?? [] {
                if let container = crun(id, root, &reader) { found.append(container) }
            }
        }
        return found
    }

    /// One container by its id.
    func runtimeContainer(_ id: String, _ roots: EngineRoots, _ reader: inout StateReader) -> ContainerDescription? {
        guard id != ".", id != ".." else { return nil }
        for root in roots.runc { if let container = runc(id, root, &reader) { return container } }
        for root in roots.crun { if let container = crun(id, root, &reader) { return container } }
        return nil
    }

    private func runc(_ id: String, _ root: EngineRoots.Root, _ reader: inout StateReader) -> ContainerDescription? {
        let path = "\(root.path)/\(id)/state.json"
        guard let state = reader.decode(RuncState.self, at: path, owner: root.owner) else { return nil }
        let bundle = state.config?.labels?.lazy.compactMap { $0.dropping(prefix: "bundle=") }.first
        var controller = ""
        if case .legacy(let name)? = hierarchy?.kind { controller = name }
        let directory = state.cgroup_paths?[controller]
        let cgroup = hierarchy.flatMap { tree in directory.flatMap { tree.path(ofDirectory: $0) } }
        var container = runtimeContainer(
            id, .runc, root, pid: state.init_process_pid, bundle: bundle, cgroup: cgroup, &reader)
        container.created = state.created.map { HostileText.escaped($0) }
        return container
    }

    private func crun(_ id: String, _ root: EngineRoots.Root, _ reader: inout StateReader) -> ContainerDescription? {
        let path = "\(root.path)/\(id)/status"
        guard let state = reader.decode(CrunStatus.self, at: path, owner: root.owner) else { return nil }
        // crun writes the path with or without the leading slash, and with the libpod or init leaf that it may add.
        let cgroup = state.cgroupPath.flatMap { $0.isEmpty ? nil : $0.hasPrefix("/") ? $0 : "/" + $0 }
        var container = runtimeContainer(
            id, .crun, root, pid: state.pid, bundle: state.bundle, cgroup: cgroup, &reader)
        container.created = state.created.map { HostileText.escaped($0) }
        return container
    }

    private func runtimeContainer(
        _ id: String, _ runtime: ContainerEngine, _ root: EngineRoots.Root, pid: Int32?, bundle: String?,
        cgroup: String?, _ reader: inout StateReader
    ) -> ContainerDescription {
        let name = HostileText.escaped(id)
        let claimed = cgroup.flatMap { $0.utf8.contains(0) || $0.split(separator: "/").contains("..") ? nil : $0 }
        let parsed = claimed.flatMap { CgroupPath($0) }
        let isEngines = parsed.map { $0.engine != .systemd && $0.id == id } ?? false
        var container = ContainerDescription(
            id: name, name: name, engine: isEngines ? parsed?.engine ?? runtime : runtime)
        container.runtime = runtime.rawValue
        container.pid = pid.flatMap { $0 > 0 ? $0 : nil }
        container.cgroupPath = claimed
        container.owner = root.owner
        container.hasState = true
        if !isEngines { container.publishedPorts = [] }
        // The bundle of a user's runtime is wherever that user says: it is not opened with root's eyes.
        if let bundle, root.owner == 0, bundle.hasPrefix("/") {
            container.bundle = bundle
            if let config = reader.decode(OCIConfig.self, at: options.root + bundle + "/config.json") {
                container.command = (config.process?.args ?? []).map { HostileText.escaped($0) }
                container.setLabels(config.annotations ?? [:])
            }
        }
        return container
    }
}
