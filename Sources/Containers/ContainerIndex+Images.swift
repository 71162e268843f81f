// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform

/// What is used of Docker's `repositories.json`: image ids by reference, by repository.
private struct DockerRepositories: Decodable {
    let Repositories: [String: [String: String]]?
}

/// What is used of an image's configuration, in Docker's and in the OCI format.
struct ImageConfig: Decodable {
    struct Settings: Decodable {
        let Labels: [String: String]?
        let Healthcheck: HealthcheckSetting?
    }
    let config: Settings?
}

/// What is used of one entry of `images.json` of containers/storage.
private struct StoredImage: Decodable {
    let id: String?
    let digest: String?
}

/// Images, by what engines keep of them.
extension ContainerIndex {
    /// The digest under which Docker pulled or pushed an image; that of the repository in `reference` if there are several.
    func dockerRepositoryDigest(
        _ id: String, reference: String, _ driver: String, _ root: EngineRoots.Root, _ reader: inout StateReader
    ) -> String? {
        guard !driver.contains("/"), driver != ".." else { return nil }
        let file = "\(root.path)/image/\(driver)/repositories.json"
        let all = reader.decode(DockerRepositories.self, at: file, owner: root.owner)?.Repositories ?? [:]
        let wanted = ProfileKey.repository(ofImage: reference)
        var found: [(isOther: Bool, reference: String)] = []
        for (repository, references) in all {
            for (name, image) in references where image == id && name.contains("@sha256:") {
                found.append((repository != wanted, name))
            }
        }
        // The reference itself may be a digest; else the first by name, so that the answer does not change by itself.
        if let exact = found.first(where: { $0.reference == reference }) { found = [exact] }
        let best = found.min { ($0.isOther ? 1 : 0, $0.reference) < ($1.isOther ? 1 : 0, $1.reference) }
        return best?.reference.split(separator: "@").last.map(String.init)
    }

    /// The labels of an image in Docker's own image store.
    func dockerImageLabels(
        _ id: String, _ driver: String, _ root: EngineRoots.Root, _ reader: inout StateReader
    ) -> [String: String] {
        guard let digits = id.dropping(prefix: "sha256:"), CgroupPath.isFullID(digits), !driver.contains("/"),
            driver != ".."
        else { return [:] }
        let file = "\(root.path)/image/\(driver)/imagedb/content/sha256/\(digits)"
        return reader.decode(ImageConfig.self, at: file, owner: root.owner)?.config?.Labels ?? [:]
    }

    /// The manifest's digest of an image in containers/storage (`directory` is DRIVER-images).
    func storedImageDigest(
        _ id: String, _ directory: String, _ root: EngineRoots.Root, _ reader: inout StateReader
    ) -> String? {
        let file = directory + "/images.json"
        return reader.decodeEntry(StoredImage.self, id: id, at: file, owner: root.owner)?.digest
    }

    /// The configuration of an image in containers/storage; `directory` is DRIVER-images/ID. The file is called "=" and, in
    /// base64, "sha256:" with the image's id, see makeBigDataBaseName() of containers/storage.
    func storedImageConfig(
        _ directory: String, _ root: EngineRoots.Root, _ reader: inout StateReader
    ) -> ImageConfig.Settings? {
        let id = directory.split(separator: "/").last.map(String.init) ?? ""
        let name = Data("sha256:\(id)".utf8).base64EncodedString()
        return reader.decode(ImageConfig.self, at: "\(directory)/=\(name)", owner: root.owner)?.config
    }
}

extension ContainerDescription {
    /// Whether a label is meant for us.
    var hasSettings: Bool { labels.keys.contains { $0.hasPrefix(ContainerSettings.prefix) } }

    /// The names of those labels of ours that an image, whose labels these are, gives the same value; raw text.
    func labels(sameAs image: [String: String]) -> Set<String> {
        var same: Set<String> = []
        for (key, value) in image {
            let key = HostileText.escaped(key)
            if labels[key] == HostileText.escaped(value) { same.insert(key) }
        }
        return same
    }
}
