// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// What is used of Podman's configuration of a container in its database.
struct PodmanConfig: Decodable {
    let labels: [String: String]?
    let healthcheck: HealthcheckSetting?
    /// The OCI runtime's name or path.
    let runtime: String?
    let newPortMappings: [PublishedPort.Mapping]?
}

/// What is used of containerd's metadata of a container.
struct ContainerdMetadata: Equatable {
    var image: String?
    var digest: String?
    var labels: [String: String] = [:]
    /// The labels of the pod's own container.
    var podLabels: [String: String] = [:]
}

/// What engines keep in bbolt databases and in no other file.
extension ContainerIndex {
    /// Podman's configuration of a container; nil where its database is of another kind (SQLite, Podman 4.8 and later) or
    /// does not have it.
    func podmanConfig(_ id: String, _ root: EngineRoots.Root, _ reader: inout StateReader) -> PodmanConfig? {
        let path = root.path + "/libpod/bolt_state.db"
        let bytes = look(path, root.owner, &reader) { (file) throws(BoltFile.Failure) -> [UInt8]? in
            guard let bucket = try file.bucket(["ctr", id]) else { return nil }
            return try file.value("config", in: bucket)
        }
        guard let bytes = bytes ?? nil else { return nil }
        guard let config = try? JSONDecoder().decode(PodmanConfig.self, from: Data(bytes)) else {
            reader.note(path, "an entry is not what Podman writes")
            return nil
        }
        return config
    }

    /// containerd's metadata of a container. `pod` is the id of the container that stands for its pod.
    func containerdMetadata(
        _ id: String, pod: String?, namespace: String, _ path: String, _ reader: inout StateReader
    ) -> ContainerdMetadata? {
        let found = look(path, 0, &reader) { (file) throws(BoltFile.Failure) -> ContainerdMetadata? in
            guard let bucket = try file.bucket(["v1", namespace, "containers", id]) else { return nil }
            var metadata = ContainerdMetadata()
            let image = try file.value("image", in: bucket).map { String(decoding: $0, as: UTF8.self) }
            metadata.image = image.flatMap { $0.isEmpty ? nil : $0 }
            if let image = metadata.image,
                let target = try file.bucket(["v1", namespace, "images", image, "target"])
            {
                metadata.digest = try file.value("digest", in: target).map { String(decoding: $0, as: UTF8.self) }
            }
            if let labels = try file.bucket(["v1", namespace, "containers", id, "labels"]) {
                metadata.labels = try file.texts(in: labels)
            }
            if let pod, pod != id, let labels = try file.bucket(["v1", namespace, "containers", pod, "labels"]) {
                metadata.podLabels = try file.texts(in: labels)
            }
            return metadata
        }
        return found ?? nil
    }

    private func look<T>(
        _ path: String, _ owner: UInt32, _ reader: inout StateReader,
        _ body: (borrowing BoltFile) throws(BoltFile.Failure) -> T
    ) -> T? {
        do throws(BoltFile.Failure) {
            return try BoltFile.read(path, owner: owner, body)
        } catch {
            switch error {
            case .system(ENOENT), .system(ENOTDIR): break
            case .system(let errno): reader.note(path, SystemError.message(errno))
            case .foreign: reader.note(path, "it is not a file of its engine's user")
            case .damaged: reader.note(path, "it is not a whole bbolt database")
            case .busy:
                reader.isInterrupted = true
                reader.note(path, "its engine writes it too fast to be read")
            }
            return nil
        }
    }
}
