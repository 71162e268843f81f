// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform

/// What is used of one entry of `containers.json` of containers/storage.
private struct StoredContainer: Decodable {
    let id: String
    let names: [String]?
    let image: String?
    /// A JSON object in a string.
    let metadata: String?
    let created: String?
}

/// What is used of Podman's and CRI-O's metadata of a stored container.
private struct StoredMetadata: Decodable {
    let name: String?
    let imageName: String?
    enum CodingKeys: String, CodingKey {
        case name
        case imageName = "image-name"
    }
}

/// Podman and CRI-O, which keep containers in the same storage.
extension ContainerIndex {
    private static let drivers = ["overlay", "vfs", "btrfs", "zfs", "aufs"]

    /// All containers of all storages, running or not.
    func storedContainers(_ roots: EngineRoots, _ reader: inout StateReader) -> [ContainerDescription] {
        var found: [ContainerDescription] = []
        eachStore(roots) { directory, root in
            let file = directory + "/containers.json"
            for entry in reader.decode([StoredContainer].self, at: file, owner: root.owner) ?? [] {
                guard CgroupPath.isFullID(entry.id) else {
                    reader.note(file, "an entry has no full id")
                    continue
                }
                found.append(describe(entry, directory, root, &reader))
            }
            return false
        }
        return found
    }

    /// One container by its full id.
    func storedContainer(_ id: String, _ roots: EngineRoots, _ reader: inout StateReader) -> ContainerDescription? {
        guard CgroupPath.isFullID(id) else { return nil }
        var found: ContainerDescription?
        eachStore(roots) { directory, root in
            guard FileTree.exists("\(directory)/\(id)") else { return false }
            let file = directory + "/containers.json"
            guard let entry = reader.decodeEntry(StoredContainer.self, id: id, at: file, owner: root.owner),
                entry.id == id
            else { return false }
            found = describe(entry, directory, root, &reader)
            return true
        }
        return found
    }

    /// Calls `body` with each `DRIVER-containers` directory until it says that it is done.
    private func eachStore(_ roots: EngineRoots, _ body: (String, EngineRoots.Root) -> Bool) {
        for root in roots.storage {
            for driver in Self.drivers {
                let directory = "\(root.path)/\(driver)-containers"
                if FileTree.exists(directory), body(directory, root) { return }
            }
        }
    }

    private func describe(
        _ entry: StoredContainer, _ directory: String, _ root: EngineRoots.Root, _ reader: inout StateReader
    ) -> ContainerDescription {
        let metadata = entry.metadata.flatMap { try? JSONDecoder().decode(StoredMetadata.self, from: Data($0.utf8)) }
        let bundle = "\(directory)/\(entry.id)/userdata"
        let config = reader.decode(OCIConfig.self, at: bundle + "/config.json", owner: root.owner)
        let annotations = config?.annotations ?? [:]
        let isCRIO = annotations["io.container.manager"] == "cri-o"
        let name = isCRIO ? annotations["io.kubernetes.cri-o.Name"] ?? entry.names?.first : entry.names?.first
        var container = ContainerDescription(
            id: entry.id, name: HostileText.escaped(name ?? metadata?.name ?? entry.id),
            engine: isCRIO ? .crio : .podman)
        container.image = (annotations["io.kubernetes.cri-o.ImageName"] ?? metadata?.imageName).flatMap {
            $0.isEmpty ? nil : HostileText.escaped($0)
        }
        let store = String(directory.dropLast("-containers".count)) + "-images"
        let image = entry.image.flatMap { CgroupPath.isFullID($0) ? $0 : nil }
        container.setImage(
            id: image, repositoryDigest: image.flatMap { storedImageDigest($0, store, root, &reader) })
        container.created = entry.created.map { HostileText.escaped($0) }
        container.hasState = true
        if isCRIO {
            container.setLabels(Self.crioLabels(annotations))
        } else {
            describe(&container, annotations, image.map { "\(store)/\($0)" }, root, &reader)
        }
        container.command = (config?.process?.args ?? []).map { HostileText.escaped($0) }
        container.cgroupPath = root.owner == 0 ? config?.cgroupPath : nil
        container.bundle = bundle
        container.owner = root.owner
        return container
    }

    /// Adds what Podman's own database or, where that is of another kind, the image says: labels and the health check.
    private func describe(
        _ container: inout ContainerDescription, _ annotations: [String: String], _ image: String?,
        _ root: EngineRoots.Root, _ reader: inout StateReader
    ) {
        let config = podmanConfig(container.id, root, &reader)
        container.publishedPorts = config.flatMap { PublishedPort.texts($0.newPortMappings ?? []) }
        container.setLabels(annotations.merging(config?.labels ?? [:]) { $1 })
        container.runtime = config?.runtime?.split(separator: "/").last.map { HostileText.escaped(String($0)) }
        guard config == nil || container.hasSettings else {
            container.healthcheck = config?.healthcheck?.command(.podman) ?? []
            return
        }
        let own = image.flatMap { storedImageConfig($0, root, &reader) }
        if config == nil {
            // What the image says holds unless the container was told otherwise, which only the database knows.
            container.setLabels((own?.Labels ?? [:]).merging(annotations) { $1 })
        }
        container.inheritedLabels = container.labels(sameAs: own?.Labels ?? [:])
        container.healthcheck = (config == nil ? own?.Healthcheck : config?.healthcheck)?.command(.podman) ?? []
    }

    /// CRI-O writes the kubelet's labels and annotations as JSON objects in annotations of its own.
    private static func crioLabels(_ annotations: [String: String]) -> [String: String] {
        var labels = annotations
        for name in ["io.kubernetes.cri-o.Annotations", "io.kubernetes.cri-o.Labels"] {
            guard let text = labels.removeValue(forKey: name),
                let inner = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
            else { continue }
            labels.merge(inner) { $1 }
        }
        return labels
    }
}
