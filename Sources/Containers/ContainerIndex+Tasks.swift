// SPDX-License-Identifier: Apache-2.0
import Platform

/// containerd, by the bundles of its running tasks; their images and labels by its database.
extension ContainerIndex {
    /// All running tasks of all namespaces but Docker's own, which are Docker's containers.
    func taskContainers(_ roots: EngineRoots, _ reader: inout StateReader) -> [ContainerDescription] {
        var found: [ContainerDescription] = []
        for root in roots.tasks {
            for namespace in (try? FileTree.entries(of: root.path)) ?? [] {
                for id in (try? FileTree.entries(of: "\(root.path)/\(namespace)")) ?? [] {
                    if let container = task(id, namespace, root, &reader) { found.append(container) }
                }
            }
        }
        return found
    }

    /// One task by its full id, in every namespace if that is not known.
    func taskContainer(
        _ id: String, _ namespace: String?, _ roots: EngineRoots, _ reader: inout StateReader
    ) -> ContainerDescription? {
        guard id != ".", id != ".." else { return nil }
        for root in roots.tasks {
            let namespaces = namespace.map { [$0] } ?? (try? FileTree.entries(of: root.path)) ?? []
            for namespace in namespaces {
                if let container = task(id, namespace, root, &reader) { return container }
            }
        }
        return nil
    }

    private func task(
        _ id: String, _ namespace: String, _ root: EngineRoots.Root, _ reader: inout StateReader
    ) -> ContainerDescription? {
        let bundle = "\(root.path)/\(namespace)/\(id)"
        guard let config = reader.decode(OCIConfig.self, at: bundle + "/config.json") else { return nil }
        let annotations = config.annotations ?? [:]
        let name = annotations["nerdctl/name"] ?? annotations["io.kubernetes.cri.container-name"] ?? id
        var container = ContainerDescription(
            id: HostileText.escaped(id), name: HostileText.escaped(name),
            engine: namespace == "moby" ? .docker : .containerd)
        let metadata = root.metadata.flatMap {
            containerdMetadata(
                id, pod: annotations["io.kubernetes.cri.sandbox-id"], namespace: namespace, $0, &reader)
        }
        container.image = (annotations["io.kubernetes.cri.image-name"] ?? metadata?.image).map {
            HostileText.escaped($0)
        }
        container.setImage(id: nil, repositoryDigest: metadata?.digest)
        let podLabels = metadata?.podLabels.filter { $0.key.hasPrefix(ContainerSettings.prefix) } ?? [:]
        container.setLabels(
            podLabels.merging(annotations) { $1 }.merging(metadata?.labels ?? [:]) { $1 })
        if container.hasSettings, let digest = metadata?.digest, let content = root.content {
            let own = imageLabels(digest, content, &reader)
            container.inheritedLabels = container.labels(sameAs: own)
        }
        // What a pod publishes is the kubelet's business; ctr publishes nothing.
        if namespace != "moby", annotations["io.kubernetes.cri.sandbox-id"] == nil, container.workload == nil {
            container.publishedPorts = PublishedPort.texts(nerdctl: container.labels["nerdctl/ports"])
        }
        container.hasState = true
        container.command = (config.process?.args ?? []).map { HostileText.escaped($0) }
        container.cgroupPath = config.cgroupPath
        container.bundle = bundle
        if let bytes = try? FileBytes.read(bundle + "/init.pid", limit: 32, followsLink: false) {
            container.pid = Int32(String(decoding: bytes, as: UTF8.self)).flatMap { $0 > 0 ? $0 : nil }
        }
        return container
    }

    /// The labels of an image in containerd's content store: those of all its platforms, since only one of them runs here.
    private func imageLabels(_ digest: String, _ content: String, _ reader: inout StateReader) -> [String: String] {
        struct Manifest: Decodable {
            struct Descriptor: Decodable { let digest: String? }
            let config: Descriptor?
            let manifests: [Descriptor]?
        }
        func blob(_ digest: String?) -> String? {
            guard let digits = digest?.dropping(prefix: "sha256:"), CgroupPath.isFullID(digits) else { return nil }
            return "\(content)/blobs/sha256/\(digits)"
        }
        guard let file = blob(digest), let top = reader.decode(Manifest.self, at: file) else { return [:] }
        var labels: [String: String] = [:]
        let platforms = (top.manifests ?? []).prefix(32).compactMap { blob($0.digest) }
        for manifest in [top] + platforms.compactMap({ reader.decode(Manifest.self, at: $0) }) {
            guard let file = blob(manifest.config?.digest) else { continue }
            labels.merge(reader.decode(ImageConfig.self, at: file)?.config?.Labels ?? [:]) { $1 }
        }
        return labels
    }
}
