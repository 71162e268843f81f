// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import TestSupport
import Testing

@testable import Containers

@Suite("ContainerIndex")
struct ContainerIndexTests {
    private static let first = String(repeating: "ab12", count: 16)
    private static let second = String(repeating: "ab12", count: 15) + "cd34"
    private static let image = String(repeating: "0f", count: 32)

    private func index(_ root: TemporaryDirectory) -> ContainerIndex {
        var options = ContainerIndex.Options()
        options.root = root.path
        return ContainerIndex(options: options, hierarchy: nil)
    }

    private func docker(_ id: String, name: String, labels: String = "{}") -> String {
        """
        {"ID":"\(id)","Name":"/\(name)","Image":"sha256:\(Self.image)","Path":"/start","Args":["-x"],
         "State":{"Running":true,"Pid":42},"Config":{"Image":"nginx:1.27","Labels":\(labels)}}
        """
    }

    @Test("Docker's file gives name, image, digest, labels, command and workload")
    func readsDocker() throws {
        let root = try TemporaryDirectory()
        let labels = #"{"com.docker.compose.project":"shop","com.docker.compose.service":"web"}"#
        try root.write(#"{"data-root":"/srv/docker"}"#, to: "etc/docker/daemon.json")
        let file = "srv/docker/containers/\(Self.first)/config.v2.json"
        try root.write(docker(Self.first, name: "web", labels: labels), to: file)
        let found = try #require(index(root).describe(cgroupPath: "/docker/\(Self.first)/inner"))
        #expect(found.id == Self.first && found.name == "web" && found.engine == .docker)
        #expect(found.image == "nginx:1.27" && found.digest == "sha256:\(Self.image)")
        #expect(found.digestKind == .image && found.imageID == found.digest && found.hasState)
        #expect(found.command == ["/start", "-x"] && found.pid == 42)
        #expect(found.cgroupPath == "/docker/\(Self.first)")
        #expect(found.workload == .compose(project: "shop", service: "web"))
        #expect(index(root).list().containers.map(\.name) == ["web"])
    }

    @Test("Podman's storage gives name, image, command and cgroup, with both drivers")
    func readsPodman() throws {
        for driver in ["overlay", "vfs"] {
            let root = try TemporaryDirectory()
            let store = "var/lib/containers/storage/\(driver)-containers"
            let metadata = #"{\"image-name\":\"localhost/rf:latest\",\"name\":\"pn\"}"#
            try root.write(
                #"[{"id":"\#(Self.first)","names":["pn"],"image":"\#(Self.image)","metadata":"\#(metadata)"}]"#,
                to: store + "/containers.json")
            try root.write(
                #"{"process":{"args":["/bin/sh"]},"linux":{"cgroupsPath":"machine.slice:libpod:\#(Self.first)"}}"#,
                to: "\(store)/\(Self.first)/userdata/config.json")
            let found = try #require(index(root).list().containers.first)
            #expect(found.engine == .podman && found.name == "pn" && found.image == "localhost/rf:latest")
            #expect(found.digest == "sha256:\(Self.image)" && found.command == ["/bin/sh"])
            #expect(found.cgroupPath == "/machine.slice/libpod-\(Self.first).scope")
            #expect(index(root).describe(cgroupPath: "/libpod_parent/libpod-\(Self.first)")?.name == "pn")
        }
    }

    @Test("containerd's annotations give pod, namespace, container and image, whatever the cgroup driver")
    func readsKubernetes() throws {
        let root = try TemporaryDirectory()
        try root.write(
            #"""
            {"process":{"args":["/app"]},"linux":{"cgroupsPath":"kubepods-pod1.slice:cri-containerd:\#(Self.first)"},
             "annotations":{"io.kubernetes.cri.container-name":"app","io.kubernetes.cri.sandbox-name":"web-0",
             "io.kubernetes.cri.sandbox-namespace":"prod","io.kubernetes.cri.image-name":"r/app:1"}}
            """#, to: "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(Self.first)/config.json")
        let path = "/kubepods/besteffort/pod8f1d2c3b-0a1b-4c2d-9e3f-112233445566/\(Self.first)"
        let found = try #require(index(root).describe(cgroupPath: path))
        #expect(found.engine == .containerd && found.name == "app" && found.image == "r/app:1")
        #expect(found.workload == .kubernetes(namespace: "prod", pod: "web-0", container: "app"))
        #expect(ProfileKey(found).text == "prod/web/app")
        #expect(
            index(root).list().containers.first?.cgroupPath
                == "/kubepods.slice/kubepods-pod1.slice/cri-containerd-\(Self.first).scope")
    }

    @Test("bare runc and crun containers are known by their state directories")
    func readsRuntimes() throws {
        let root = try TemporaryDirectory()
        try root.write(
            #"{"id":"one","init_process_pid":7,"config":{"labels":["bundle=/b"]}}"#, to: "run/runc/one/state.json")
        try root.write(#"{"process":{"args":["/bin/sleep","9"]}}"#, to: "b/config.json")
        try root.write(#"{"pid":8,"cgroup-path":"/two","bundle":"/c"}"#, to: "run/crun/two/status")
        let one = try #require(index(root).describe(cgroupPath: "/one/below"))
        #expect(one.engine == .runc && one.cgroupPath == "/one" && one.command == ["/bin/sleep", "9"] && one.pid == 7)
        let two = try #require(try index(root).match("two").first)
        #expect(two.engine == .crun && two.cgroupPath == "/two")
        #expect(index(root).describe(cgroupPath: "/three") == nil)
        #expect(index(root).describe(cgroupPath: "/system.slice/x.service")?.engine == .systemd)
    }

    @Test("damaged, huge and blocking files are skipped with a reason, at every length, and the rest is found")
    func survivesHostileFiles() throws {
        let root = try TemporaryDirectory()
        let containers = "var/lib/docker/containers"
        try root.write(docker(Self.first, name: "good"), to: "\(containers)/\(Self.first)/config.v2.json")
        let whole = docker(Self.second, name: "cut")
        for length in 0..<whole.utf8.count {
            try root.write(String(whole.prefix(length)), to: "\(containers)/\(Self.second)/config.v2.json")
            let listing = index(root).list()
            #expect(listing.containers.map(\.name) == ["good"] && listing.skipped.count == 1)
        }
        let file = "\(containers)/\(Self.second)/config.v2.json"
        try root.write(String(repeating: " ", count: (8 << 20) + 1), to: file)
        #expect(index(root).list().skipped.first?.hasSuffix("it is larger than 8 MiB") == true)
        #expect(unsafe unlink("\(root.path)/\(file)") == 0)
        #expect(unsafe mkfifo("\(root.path)/\(file)", 0o600) == 0)
        #expect(index(root).list().skipped.count == 1)
        #expect(unsafe unlink("\(root.path)/\(file)") == 0)
        #expect(unsafe symlink("/dev/zero", "\(root.path)/\(file)") == 0)
        #expect(index(root).list().skipped.count == 1)
        #expect(index(root).describe(cgroupPath: "/docker/\(Self.second)")?.name == Self.second)
    }

    @Test("control characters of a name are escaped")
    func escapes() throws {
        let root = try TemporaryDirectory()
        try root.write(
            docker(Self.first, name: #"a\u001b[31m"#), to: "var/lib/docker/containers/\(Self.first)/config.v2.json")
        #expect(index(root).list().containers.first?.name == "a\\u{001b}[31m")
    }

    @Test(
        "a user's runtime cannot claim a cgroup outside the user's slice, nor name another's container",
        .enabled(if: geteuid() == 0, "giving files to another user needs root"))
    func distrustsUsers() throws {
        let root = try TemporaryDirectory()
        try root.write("eve:x:1000:1000::/home/eve:/bin/sh\n", to: "etc/passwd")
        let own = "/user.slice/user-1000.slice/user@1000.service/user.slice/crun-mine.scope"
        for (id, path) in [("claimed", "/system.slice/nginx.service"), ("mine", own), ("forged", own)] {
            try root.write(#"{"pid":1,"cgroup-path":"\#(path)"}"#, to: "run/user/1000/crun/\(id)/status")
            try root.makeDirectory("cgroup" + path)
            let owner: uid_t = id == "forged" ? 1001 : 1000
            #expect(unsafe chown("\(root.path)/run/user/1000/crun/\(id)/status", owner, owner) == 0)
        }
        var options = ContainerIndex.Options()
        options.root = root.path
        let tree = CgroupHierarchy(mountPoint: root.path + "/cgroup", kind: .unified, procfs: root.path + "/proc")
        let index = ContainerIndex(options: options, hierarchy: tree)
        let listing = index.list()
        #expect(listing.containers.filter(\.isRunning).map(\.id) == ["mine"])
        #expect(listing.containers.map(\.id) == ["claimed", "mine"] && listing.skipped.count == 1)
        #expect(listing.containers.allSatisfy { $0.owner == 1000 && $0.pid == nil })
        #expect(index.describe(cgroupPath: "/claimed") == nil)
        #expect(index.describe(cgroupPath: own)?.owner == 1000)
    }

    private func listing() -> ContainerIndex.Listing {
        var listing = ContainerIndex.Listing()
        for (id, name) in [(Self.first, "web-1"), (Self.second, "web-2"), ("bare", "bare")] {
            var container = ContainerDescription(id: id, name: name, engine: .docker)
            container.cgroupPath = "/docker/" + id
            listing.containers.append(container)
        }
        listing.containers.append(ContainerDescription(id: "old", name: "old", engine: .podman))
        listing.engines = ["docker", "podman"]
        return listing
    }

    @Test("a pattern selects by name, id, prefix and glob")
    func matches() throws {
        let listing = listing()
        #expect(try ContainerIndex.match("web-1", in: listing).map(\.id) == [Self.first])
        #expect(try ContainerIndex.match(Self.second, in: listing).map(\.name) == ["web-2"])
        #expect(try ContainerIndex.match(String(Self.second.prefix(62)), in: listing).map(\.name) == ["web-2"])
        #expect(try ContainerIndex.match("web-*", in: listing).count == 2)
        #expect(try ContainerIndex.match("bare", in: listing).map(\.id) == ["bare"])
    }

    @Test("what is not found, not running or ambiguous is an error that says what exists")
    func explains() throws {
        func message(_ pattern: String, _ listing: ContainerIndex.Listing) -> String {
            (#expect(throws: ContainerError.self) { try ContainerIndex.match(pattern, in: listing) })?.description ?? ""
        }
        #expect(message("ab12", listing()).contains("2 ids begin like this: web-1"))
        #expect(message("old", listing()).contains("not running"))
        #expect(
            message("nginx", listing()).contains("running: web-1, web-2, bare; engines with state here: docker, podman")
        )
        #expect(message("nginx", .init()).contains("no container engine has state on this host"))
        #expect(!message("a\u{1b}b", listing()).contains("\u{1b}"))
    }

    @Test("a unit that is not there is an error with near names")
    func unit() throws {
        let root = try TemporaryDirectory()
        for name in ["nginx.service", "redis-server.service", "_cgroup.service"] {
            try root.makeDirectory("system.slice/\(name)")
        }
        let tree = CgroupHierarchy(mountPoint: root.path, kind: .unified)
        #expect(try SystemdUnit.cgroup(named: "nginx", in: tree) == "/system.slice/nginx.service")
        #expect(try SystemdUnit.cgroup(named: "nginx.service", in: tree) == "/system.slice/nginx.service")
        #expect(try SystemdUnit.cgroup(named: "cgroup", in: tree) == "/system.slice/_cgroup.service")
        let error = #expect(throws: ContainerError.self) { try SystemdUnit.cgroup(named: "redis", in: tree) }
        #expect(error?.description.contains("near names: redis-server.service") == true)
    }
}
