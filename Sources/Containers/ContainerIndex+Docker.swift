// SPDX-License-Identifier: Apache-2.0
import Platform

/// What is used of Docker's `config.v2.json`.
private struct DockerFile: Decodable {
    struct State: Decodable {
        let Running: Bool?
        let Pid: Int32?
    }
    struct Config: Decodable {
        let Image: String?
        let Labels: [String: String]?
        let Shell: [String]?
        let Healthcheck: HealthcheckSetting?
    }
    /// Present where containerd keeps Docker's images: then `Image` is the digest that was pulled.
    struct Manifest: Decodable { let digest: String? }
    let ID: String?
    let Created: String?
    let Driver: String?
    let ImageManifest: Manifest?
    let Name: String?
    let Image: String?
    let Path: String?
    let Args: [String]?
    let State: State?
    let Config: Config?
}

/// What is used of Docker's `hostconfig.json`.
private struct DockerHostFile: Decodable {
    let Runtime: String?
    let Privileged: Bool?
    let PublishAllPorts: Bool?
    let PortBindings: [String: [PublishedPort.Binding]?]?
}

extension ContainerIndex {
    /// All of Docker's containers, running or not.
    func dockerContainers(_ roots: EngineRoots, _ reader: inout StateReader) -> [ContainerDescription] {
        var found: [ContainerDescription] = []
        for root in roots.docker {
            for id in (try? FileTree.entries(of: root.path + "/containers")) ?? [] where CgroupPath.isFullID(id) {
                if let container = dockerContainer(id, root, &reader) { found.append(container) }
            }
        }
        return found
    }

    /// One container by its full id.
    func dockerContainer(_ id: String, _ roots: EngineRoots, _ reader: inout StateReader) -> ContainerDescription? {
        guard CgroupPath.isFullID(id) else { return nil }
        for root in roots.docker {
            guard var container = dockerContainer(id, root, &reader) else { continue }
            // The containerd of root's Docker keeps what its runtime was given.
            if root.owner == 0 {
                container.bundle = roots.tasks.lazy.map { "\($0.path)/moby/\(id)" }.first { FileTree.exists($0) }
            }
            return container
        }
        return nil
    }

    private func dockerContainer(
        _ id: String, _ root: EngineRoots.Root, _ reader: inout StateReader
    ) -> ContainerDescription? {
        let path = "\(root.path)/containers/\(id)/config.v2.json"
        guard let file = reader.decode(DockerFile.self, at: path, owner: root.owner) else { return nil }
        let name = file.Name.map { $0.dropping(prefix: "/") ?? $0 } ?? ""
        var container = ContainerDescription(
            id: id, name: name.isEmpty ? id : HostileText.escaped(name), engine: .docker)
        container.image = file.Config?.Image.map { HostileText.escaped($0) }
        setImage(&container, file, root, &reader)
        container.setLabels(file.Config?.Labels ?? [:])
        if container.hasSettings, let id = file.Image, let driver = file.Driver {
            container.inheritedLabels = container.labels(sameAs: dockerImageLabels(id, driver, root, &reader))
        }
        container.healthcheck = file.Config?.Healthcheck?.command(.docker(shell: file.Config?.Shell ?? [])) ?? []
        container.created = file.Created.map { HostileText.escaped($0) }
        let host = "\(root.path)/containers/\(id)/hostconfig.json"
        let settings = reader.decode(DockerHostFile.self, at: host, owner: root.owner)
        container.runtime = settings?.Runtime.flatMap { $0.isEmpty ? nil : HostileText.escaped($0) }
        container.isPrivileged = settings?.Privileged
        // Which ports `--publish-all` has taken is in no file that is read here.
        if let settings, settings.PublishAllPorts != true {
            container.publishedPorts = PublishedPort.texts(settings.PortBindings ?? [:])
        }
        container.hasState = true
        container.command = ([file.Path].compactMap { $0 } + (file.Args ?? [])).map { HostileText.escaped($0) }
        if file.State?.Running == true, let pid = file.State?.Pid, pid > 0 { container.pid = pid }
        container.owner = root.owner
        return container
    }
}

extension ContainerIndex {
    private func setImage(
        _ container: inout ContainerDescription, _ file: DockerFile, _ root: EngineRoots.Root,
        _ reader: inout StateReader
    ) {
        var digest: String?
        if file.ImageManifest?.digest != nil {
            digest = file.Image
        } else if let id = file.Image, let driver = file.Driver {
            digest = dockerRepositoryDigest(id, reference: file.Config?.Image ?? "", driver, root, &reader)
        }
        container.setImage(id: file.Image, repositoryDigest: digest)
    }
}

extension ContainerDescription {
    /// Takes labels over, escaped, and what they say about the workload.
    mutating func setLabels(_ raw: [String: String]) {
        labels = [:]
        for (key, value) in raw { labels[HostileText.escaped(key)] = HostileText.escaped(value) }
        workload = ContainerWorkload(labels: labels)
    }
}
