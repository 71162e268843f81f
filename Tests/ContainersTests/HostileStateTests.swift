// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform
import TestSupport
import Testing

@testable import Containers

@Suite("Hostile state")
struct HostileStateTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/engines").path
    private static let id = String(repeating: "ab12", count: 16)

    private static var engines: [String] {
        ((try? FileTree.entries(of: directory)) ?? []).filter { $0 != "README" && !$0.hasSuffix("-rootless") }
    }

    private func index(_ root: String) -> ContainerIndex {
        var options = ContainerIndex.Options()
        options.root = root
        return ContainerIndex(options: options, hierarchy: nil)
    }

    /// Everything that is printed somewhere.
    private func texts(_ container: ContainerDescription) -> [String] {
        let settings = ContainerSettings(container)
        return [container.id, container.name, container.engine.rawValue, ProfileKey(container).text]
            + [container.image, container.digest, container.imageID, container.created, container.runtime].compactMap {
                $0
            }
            + container.command + container.healthcheck + container.labels.flatMap { [$0.key, $0.value] }
            + settings.complaints + [settings.profile, container.workload?.description].compactMap { $0 }
    }

    private func files(below directory: String, _ prefix: String = "") throws -> [String] {
        try FileTree.entries(of: directory).flatMap { name -> [String] in
            let path = "\(directory)/\(name)"
            guard try FileTree.status(of: path).isDirectory else { return ["\(prefix)\(name)"] }
            return try files(below: path, "\(prefix)\(name)/")
        }
    }

    @Test("mutated state of every engine ends in an answer that is safe to print", arguments: engines)
    func mutations(engine: String) throws {
        let root = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: "\(Self.directory)/\(engine)/root", toPath: root.path + "/root")
        let paths = String(
            decoding: try FileBytes.read("\(Self.directory)/\(engine)/cgroups.txt", limit: 1 << 16), as: UTF8.self
        ).split(separator: "\n").map(String.init)
        let index = index(root.path + "/root")
        var generator = SeededGenerator(seed: UInt64(engine.utf8.reduce(0) { $0 + Int($1) }))
        var different = 0
        for file in try files(below: root.path + "/root", "root/") {
            let whole = try FileBytes.read("\(root.path)/\(file)", limit: 1 << 20)
            let before = paths.map { index.describe(cgroupPath: $0, lookingForEngines: false) }
            for _ in 0..<40 {
                try root.write(generator.mutated(whole), to: file)
                let found = paths.map { index.describe(cgroupPath: $0, lookingForEngines: false) }
                if found != before { different += 1 }
                let listing = index.list()
                for text in (found.compactMap { $0 } + listing.containers).flatMap(texts) + listing.skipped {
                    #expect(HostileText.isEscaped(text), "\(file)")
                }
                for (path, container) in zip(paths, found) {
                    #expect(container == nil || path.hasPrefix(container?.cgroupPath ?? ""), "\(file)")
                }
            }
            try root.write(whole, to: file)
        }
        #expect(different > 0, "mutations do reach the readers")
    }

    @Test("hostile bytes in names, images, labels, commands and checks are escaped, in every engine's files")
    func hostileText() throws {
        let root = try TemporaryDirectory()
        // A cursor movement, a right-to-left override, a line feed, a lone combining mark, and a byte that is not UTF-8.
        let evil = Array(#"a\u001b[2J\u202e\n\u0301\"\\"#.utf8)
        let raw: [UInt8] = [0x62, 0xFF, 0x63]
        func json(_ text: String) -> [UInt8] {
            Array(text.replacing("EVIL", with: String(decoding: evil, as: UTF8.self)).utf8)
        }
        try root.write(
            json(
                #"{"Name":"/EVIL","Created":"EVIL","Path":"EVIL","Args":["EVIL"],"Image":"EVIL","Driver":"EVIL","#
                    + #""Config":{"Image":"EVIL","Shell":["EVIL"],"Labels":{"EVIL":"EVIL","ringfence.mode":"EVIL","#
                    + #""ringfence.EVIL":"EVIL","com.docker.compose.project":"EVIL","com.docker.compose.service":"EVIL"},"#
                    + #""Healthcheck":{"Test":["CMD-SHELL","EVIL"]}}}"#),
            to: "var/lib/docker/containers/\(Self.id)/config.v2.json")
        try root.write(
            json(#"{"process":{"args":["EVIL"]},"annotations":{"nerdctl/name":"EVIL","EVIL":"EVIL"}}"#),
            to: "run/containerd/io.containerd.runtime.v2.task/default/\(Self.id)/config.json")
        try root.write(Array("lxc.init.cmd = /i\u{1b}nit ".utf8) + raw + [10], to: "var/lib/lxc/web/config")
        try root.write(
            Array("ROOT=/\\x1b\u{202e}".utf8) + raw + Array("\nSERVICE=a\u{7}\n".utf8), to: "run/systemd/machines/m")
        let index = index(root.path)
        for path in ["/docker/\(Self.id)", "/default/\(Self.id)", "/lxc.payload.web", "/machine.slice/machine-m.scope"]
        {
            let found = try #require(index.describe(cgroupPath: path))
            #expect(found.hasState, "\(path)")
            #expect(texts(found).count > 4)
            for text in texts(found) { #expect(HostileText.isEscaped(text), "\(path)") }
            let origin = try JSONEncoder().encode(ContainerOrigin(found))
            #expect(try JSONDecoder().decode(ContainerOrigin.self, from: origin) == ContainerOrigin(found))
        }
        let docker = try #require(index.describe(cgroupPath: "/docker/\(Self.id)"))
        let safe = #"a\u{001b}[2J\u{202e}\u{000a}\u{0301}"\\"#
        #expect(docker.name == safe && docker.healthcheck == [safe, safe] && docker.labels[safe] == safe)
        #expect(docker.digest == nil && docker.imageID == nil, "what is no digest is not taken for one")
    }

    @Test("Podman's labels and health check come from its database, and what the image says is told from them")
    func podmanDatabase() throws {
        let root = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: "\(Self.directory)/podman/root", toPath: root.path + "/root")
        let id = "4764d5fba9ef9c669f78b27ce6250947eaef0aec4ce4fa478d00a95b0000687f"
        let config = #"""
            {"spec":{"ociVersion":"1.0.2-dev"},"labels":{"ringfence.mode":"off","ringfence.profile":"cache",
            "io.podman.compose.project":"shop","io.podman.compose.service":"cache"},
            "healthcheck":{"Test":["CMD","/probe"],"Interval":1},"runtime":"/usr/bin/crun"}
            """#
        let path = "/libpod_parent/libpod-\(id)"
        let index = index(root.path + "/root")
        let database = "root/var/lib/containers/storage/libpod/bolt_state.db"
        let content: [String: BoltWriter.Node] = ["ctr": .bucket([id: .bucket(["config": .text(config)])])]
        try root.write(BoltWriter.database(content), to: database)
        let found = try #require(index.describe(cgroupPath: path))
        // The image says mode=off as well, and nothing of a profile.
        #expect(found.inheritedLabels == ["ringfence.mode"] && ContainerSettings(found).mode == nil)
        #expect(ContainerSettings(found).profile == "cache" && found.healthcheck == ["/probe"])
        #expect(found.runtime == "crun")
        #expect(found.workload == .compose(project: "shop", service: "cache") && ProfileKey(found).text == "cache")
        try root.write("not a database", to: database)
        #expect(index.describe(cgroupPath: path)?.healthcheck == ["sh", "-c", "redis-cli ping"])
        #expect(index.list().skipped.first?.hasSuffix("bolt_state.db: it is not a whole bbolt database") == true)
    }

    @Test(
        "containerd's image, digest and labels come from its database, a pod's own labels of ours count for its containers"
    )
    func containerdDatabase() throws {
        let root = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: "\(Self.directory)/containerd-cri/root", toPath: root.path + "/root")
        let (id, pod) = (
            "58843d9351fb42639c15c6cfb3b04512c0f2b721e12b72e15e8669af770f7929",
            "4764d5fba9ef9c669f78b27ce6250947eaef0aec4ce4fa478d00a95b0000687f"
        )
        let digest = "sha256:" + Self.id
        let image = "registry.example/shop/web@" + digest
        let container: [String: BoltWriter.Node] = [
            "image": .text(image), "labels": .bucket(["io.cri-containerd.kind": .text("container")]),
        ]
        let sandbox: [String: BoltWriter.Node] = [
            "labels": .bucket(["ringfence.profile": .text("shop"), "app": .text("web")])
        ]
        let namespace: [String: BoltWriter.Node] = [
            "containers": .bucket([id: .bucket(container), pod: .bucket(sandbox)]),
            "images": .bucket([image: .bucket(["target": .bucket(["digest": .text(digest)])])]),
        ]
        try root.write("version = 2\nroot = \"/srv/containerd\"\n[grpc]\n", to: "root/etc/containerd/config.toml")
        try root.write(
            BoltWriter.database(["v1": .bucket(["k8s.io": .bucket(namespace)])]),
            to: "root/srv/containerd/io.containerd.metadata.v1.bolt/meta.db")
        let found = try #require(
            index(root.path + "/root").describe(
                cgroupPath: "/kubepods/besteffort/pod8f1d2c3b-0a1b-4c2d-9e3f-112233445566/\(id)"))
        #expect(found.digest == digest && found.digestKind == .repository && found.imageID == nil)
        #expect(found.image == "registry.example/shop/web:1.27", "the CRI's own word for it")
        #expect(found.labels["ringfence.profile"] == "shop" && found.labels["app"] == nil)
        #expect(found.labels["io.cri-containerd.kind"] == "container" && ProfileKey(found).text == "shop")
    }

    @Test("below a user's own manager nothing is taken for root's container, whatever it is called")
    func impersonation() throws {
        let root = try TemporaryDirectory()
        try root.write(
            #"{"Name":"/web","Config":{"Labels":{"ringfence.profile":"shop"}}}"#,
            to: "var/lib/docker/containers/\(Self.id)/config.v2.json")
        let index = index(root.path)
        #expect(index.describe(cgroupPath: "/system.slice/docker-\(Self.id).scope")?.name == "web")
        let delegated = "/user.slice/user-1000.slice/user@1000.service/app.slice/docker-\(Self.id).scope"
        let found = try #require(index.describe(cgroupPath: delegated))
        #expect(found.name == Self.id && found.owner == 1000 && !found.hasState)
        #expect(ProfileKey(found).text == "uid1000/\(Self.id)")
        let unit = try #require(
            index.describe(cgroupPath: "/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service"))
        #expect(ProfileKey(unit).text == "uid1000/nginx.service")
    }

    @Test(
        "a health check is what the engine executes",
        arguments: [
            (["CMD", "/p", "a b"], ["/p", "a b"], ["/p", "a b"]), (["NONE"], [], []), ([], [], []), ([""], [], []),
            (["CMD-SHELL", "a b"], ["/bin/sh", "-c", "a b"], ["sh", "-c", "a b"]), (["CMD"], [], []),
            (["/p", "a"], [], ["/p", "a"]),
        ] as [([String], [String], [String])])
    func healthcheck(test: [String], docker: [String], podman: [String]) {
        #expect(HealthcheckSetting(Test: test).command(.docker(shell: [])) == docker)
        #expect(HealthcheckSetting(Test: test).command(.podman) == podman)
        let shell = HealthcheckSetting(Test: test).command(.docker(shell: ["/bin/bash", "-lc"]))
        #expect(shell == (test.first == "CMD-SHELL" ? ["/bin/bash", "-lc", "a b"] : docker))
    }
}
