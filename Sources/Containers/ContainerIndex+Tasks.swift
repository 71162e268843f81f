// SPDX-License-Identifier: Apache-2.0
import Platform

/// containerd, by the bundles of its running tasks; its own database is not read.
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
        container.image = (annotations["io.kubernetes.cri.image-name"] ?? annotations["nerdctl/image-name"]).map {
            HostileText.escaped($0)
        }
        container.setLabels(annotations)
        container.command = (config.process?.args ?? []).map { HostileText.escaped($0) }
        container.cgroupPath = config.cgroupPath
        container.bundle = bundle
        if let bytes = try? FileBytes.read(bundle + "/init.pid", limit: 32, followsLink: false) {
            container.pid = Int32(String(decoding: bytes, as: UTF8.self)).flatMap { $0 > 0 ? $0 : nil }
        }
        return container
    }
}
