// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform
import TestSupport
import Testing

@testable import Containers

/// The engines that `.ci/engines/up` starts.
private enum Engines {
    static let socket = "/run/ringfence-test/docker.sock"
    static let containerd = "/run/ringfence-test/docker/containerd/containerd.sock"
    static let rootfs = "/var/cache/ringfence-test/rootfs/busybox"
    static let areUp = geteuid() == 0 && FileTree.exists(socket) && FileTree.exists(rootfs)

    static func docker(_ arguments: String...) throws -> Shell.Result {
        try Shell.run(["/usr/bin/docker"] + arguments, environment: ["DOCKER_HOST": "unix://\(socket)"])
    }
}

@Suite(
    "Live containers", .serialized,
    .enabled(if: Engines.areUp, "needs root and the engines that .ci/engines/up starts"))
struct LiveContainerTests {
    private let hierarchy: CgroupHierarchy
    private let index: ContainerIndex
    private let name = "rf-live-\(getpid())"

    init() throws {
        hierarchy = try CgroupHierarchy.detect()
        index = ContainerIndex(hierarchy: hierarchy)
    }

    /// Finds the container in every way and checks that its cgroup holds its process.
    private func check(_ id: String, _ engine: ContainerEngine, command: [String], named: String? = nil) throws {
        let name = named ?? self.name
        let found = try #require(try index.match(name).first)
        #expect(found.id == id && found.engine == engine && found.name == name && found.command == command)
        let path = try #require(found.cgroupPath)
        #expect(try hierarchy.isPopulated(path))
        let processes = try hierarchy.processes(in: path)
        let pid = try #require(processes.first)
        #expect(try hierarchy.cgroup(ofProcess: pid) == path)
        #expect(found.pid.map { processes.contains($0) } ?? true)
        if CgroupPath.isFullID(id) { #expect(try index.match(String(id.prefix(16))) == [found]) }
        #expect(try index.match(name.dropLast() + "?").contains(found))
        let described = try #require(index.describe(cgroupPath: path))
        #expect(described.id == id && described.name == name && described.engine == engine)
        #expect(described.image == found.image && described.command == command && described.cgroupPath == path)
    }

    @Test("a Docker container is found and named, and is not found once it is gone")
    func docker() throws {
        let run = try Engines.docker(
            "run", "-d", "--rm", "--name", name, "--network", "none", "--label", "ringfence.profile=mine", "--label",
            "com.docker.compose.project=shop", "--label", "com.docker.compose.service=web", "--health-cmd",
            "sleep 1; test -e '/proc/1'", "--health-interval", "1s", "rf-busybox", "sleep", "300")
        try #require(run.status == 0, "\(run.errors)")
        let id = run.output.split(separator: "\n").last.map(String.init) ?? ""
        defer { _ = try? Engines.docker("rm", "-f", name) }
        try check(id, .docker, command: ["sleep", "300"])
        let found = try #require(try index.match(name).first)
        #expect(found.image == "rf-busybox" && found.digest?.hasPrefix("sha256:") == true)
        let inspected = try Engines.docker("inspect", "-f", "{{.Image}} {{.Created}}", name).output
            .split(separator: "\n")
        #expect(inspected.last.map(String.init) == "\(found.imageID ?? "") \(found.created ?? "")")
        #expect(found.digest == found.imageID && found.digestKind == .image)
        #expect(ProfileKey(found).text == "mine" && ContainerSettings(found).complaints.isEmpty)
        #expect(found.workload == .compose(project: "shop", service: "web"))
        #expect(index.describe(cgroupPath: try #require(found.cgroupPath))?.runtime == "runc")
        // The label that the image carries is there as well.
        #expect(found.labels["rf.version"] != nil && found.inheritedLabels == ["rf.version"])
        #expect(found.healthcheck == ["/bin/sh", "-c", "sleep 1; test -e '/proc/1'"])
        #expect(try healthcheckIsExecuted(found.healthcheck, in: #require(found.cgroupPath)))
        #expect(try Engines.docker("rm", "-f", name).status == 0)
        let error = #expect(throws: ContainerError.self) { try index.match(name) }
        #expect(error?.description.hasPrefix("cannot find container \(name): no ") == true)
        #expect(error?.description.contains("docker") == true && error?.description.contains("--wait") == true)
    }

    @Test("a Podman container is found and named")
    func podman() throws {
        let run = try Shell.run([
            "podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs", "run", "-d", "--name", name, "--ulimit",
            "nofile=20000:20000", "--ulimit", "nproc=9000:9000", "--pids-limit=0", "--network", "none",
            "--label", "ringfence.mode=monitor", "--label", "io.podman.compose.project=shop", "--label",
            "io.podman.compose.service=web", "--health-cmd", "true \"x\"", "--health-interval", "disable",
            "localhost/rf-busybox", "sleep", "300",
        ])
        try #require(run.status == 0, "\(run.errors)")
        defer { _ = try? Shell.run(["podman", "rm", "-f", "-t", "0", name]) }
        let id = run.output.split(separator: "\n").last.map(String.init) ?? ""
        try check(id, .podman, command: ["sleep", "300"])
        let found = try #require(try index.match(name).first)
        #expect(found.image == "localhost/rf-busybox:latest" && found.digestKind == .repository)
        let image = try Shell.run([
            "podman", "image", "inspect", "--format", "{{.Digest}} sha256:{{.Id}}", "localhost/rf-busybox",
        ]).output
        #expect(image.split(separator: "\n").last.map(String.init) == "\(found.digest ?? "") \(found.imageID ?? "")")
        #expect(found.workload == .compose(project: "shop", service: "web") && ProfileKey(found).text == "shop/web")
        #expect(ContainerSettings(found).mode == .monitor && found.inheritedLabels == ["rf.version"])
        #expect(found.healthcheck == ["sh", "-c", "true \"x\""] && found.created?.hasPrefix("20") == true)
        #expect(index.describe(cgroupPath: try #require(found.cgroupPath))?.runtime == "runc")
        #expect(index.list().skipped.isEmpty)
    }

    /// Whether some process in the container's cgroup has exactly these arguments before the check has ended for good.
    private func healthcheckIsExecuted(_ command: [String], in path: String) throws -> Bool {
        let wanted = command.flatMap { Array($0.utf8) + [UInt8(0)] }
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            for pid in (try? hierarchy.processes(in: path)) ?? [] {
                let line = try? FileBytes.read("/proc/\(pid)/cmdline", limit: 4096, followsLink: false)
                if line == wanted { return true }
            }
        }
        return false
    }

    @Test("a containerd container without Docker is found and named")
    func containerd() throws {
        func ctr(_ arguments: String...) throws -> Shell.Result {
            try Shell.run(["ctr", "-a", Engines.containerd] + arguments)
        }
        let run = try ctr(
            "run", "-d", "--rootfs", "--runtime", "io.containerd.runc.v2", "--label", "ringfence.window=2h", "--label",
            "com.docker.compose.project=shop", "--label", "com.docker.compose.service=db", Engines.rootfs, name,
            "/bin/sleep", "300")
        try #require(run.status == 0, "\(run.errors)")
        defer {
            _ = try? ctr("task", "rm", "-f", name)
            _ = try? ctr("container", "rm", name)
        }
        try check(name, .containerd, command: ["/bin/sleep", "300"])
        let found = try #require(try index.match(name).first)
        #expect(ContainerSettings(found).window == .seconds(7200))
        #expect(found.workload == .compose(project: "shop", service: "db"))
        #expect(found.image == nil && found.digest == nil)
    }

    @Test("a containerd container of an image is known by the image's name and digest")
    func containerdImage() throws {
        func ctr(_ arguments: String...) throws -> Shell.Result {
            try Shell.run(["ctr", "-a", Engines.containerd] + arguments)
        }
        let archive = try TemporaryDirectory()
        try #require(Engines.docker("save", "-o", "\(archive.path)/image.tar", "rf-busybox").status == 0)
        let reference = "docker.io/library/rf-busybox:latest"
        let imported = try ctr("images", "import", "\(archive.path)/image.tar")
        try #require(imported.status == 0, "\(imported.errors)")
        defer { _ = try? ctr("images", "rm", reference) }
        let run = try ctr(
            "run", "-d", "--snapshotter", "native", "--runtime", "io.containerd.runc.v2", "--label",
            "ringfence.profile=own", reference, name, "/bin/sleep", "300")
        try #require(run.status == 0, "\(run.errors)")
        defer {
            _ = try? ctr("task", "rm", "-f", name)
            _ = try? ctr("container", "rm", name)
        }
        let found = try #require(try index.match(name).first)
        let digest = try ctr("images", "ls").output.split(separator: "\n").first { $0.hasPrefix(reference) }?
            .split(separator: " ").first { $0.hasPrefix("sha256:") }
        #expect(found.image == reference && found.digest == digest.map(String.init) && found.digest != nil)
        #expect(found.digestKind == .repository && found.imageID == nil)
        #expect(found.inheritedLabels == ["rf.version"] && ProfileKey(found).text == "own")
    }

    @Test("Podman's labels are read right while Podman writes its database, or said to be interrupted")
    func podmanWhileWriting() throws {
        func podman(_ arguments: String...) throws -> Shell.Result {
            try Shell.run(["podman", "--cgroup-manager", "cgroupfs"] + arguments)
        }
        let made = try podman(
            "create", "--name", name, "--network", "none", "--label", "a=b", "localhost/rf-busybox", "true")
        try #require(made.status == 0, "\(made.errors)")
        defer { _ = try? podman("rm", "-f", "-t", "0", name) }
        let id = made.output.split(separator: "\n").last.map(String.init) ?? ""
        let marker = try TemporaryDirectory()
        let shell = """
            for i in 1 2 3 4 5 6; do podman create --name \(name)-$i --network none localhost/rf-busybox true
            podman rm \(name)-$i; done >/dev/null 2>&1; touch \(marker.path)/done
            """
        _ = try Shell.run(["sh", "-c", "(\(shell)) >/dev/null 2>&1 &"])
        var right = 0
        let deadline = ContinuousClock.now + .seconds(60)
        while !FileTree.exists(marker.path + "/done"), ContinuousClock.now < deadline {
            let found = try #require(index.describe(cgroupPath: "/libpod_parent/libpod-\(id)"))
            if found.isInterrupted || !found.hasState { continue }
            #expect(found.labels["a"] == "b" && found.name == name)
            right += 1
        }
        #expect(right > 10 && FileTree.exists(marker.path + "/done"))
    }

    /// A bundle for a bare runtime: no terminal, no device rules (setting them up needs more than a locked-down host gives).
    private func bundle() throws -> TemporaryDirectory {
        let bundle = try TemporaryDirectory()
        let kinds = ["pid", "mount", "ipc", "uts"].map { #"{"type":"\#($0)"}"# }.joined(separator: ",")
        let mount = #"{"destination":"/proc","type":"proc","source":"proc"}"#
        try bundle.write(
            #"""
            {"ociVersion":"1.0.2","process":{"terminal":false,"user":{"uid":0,"gid":0},"args":["/bin/sleep","300"],
            "env":["PATH=/bin"],"cwd":"/"},"root":{"path":"\#(Engines.rootfs)"},"mounts":[\#(mount)],
            "linux":{"namespaces":[\#(kinds)]},
            "annotations":{"ringfence.mode":"learn","com.docker.compose.service":"web"}}
            """#, to: "config.json")
        return bundle
    }

    @Test("a bare runc container is found and named")
    func runc() throws {
        let bundle = try bundle()
        let shell = "exec runc run -d -b \(bundle.path) \(name) >/dev/null 2>&1"
        try #require(Shell.run(["sh", "-c", shell]).status == 0)
        defer { _ = try? Shell.run(["runc", "delete", "-f", name]) }
        try check(name, .runc, command: ["/bin/sleep", "300"])
        let found = try #require(try index.match(name).first)
        #expect(found.bundle == bundle.path && found.created?.hasPrefix("20") == true)
        #expect(ContainerSettings(found).mode == .learn && found.labels["com.docker.compose.service"] == "web")
        #expect(found.digest == nil && found.digestKind == nil)
    }

    @Test("a bare crun container is found and named")
    func crun() throws {
        let bundle = try bundle()
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ".ci/engines/crun-run").path
        let shell = "exec \(script) run -d -b \(bundle.path) \(name) >/dev/null 2>&1"
        try #require(Shell.run(["sh", "-c", shell]).status == 0)
        defer { _ = try? Shell.run([script, "delete", "-f", name]) }
        try check(name, .crun, command: ["/bin/sleep", "300"])
        let found = try #require(try index.match(name).first)
        #expect(ContainerSettings(found).mode == .learn && found.created?.hasPrefix("20") == true)
    }

    @Test("a row of short Docker containers is attributed as their cgroups come and go")
    func naming() throws {
        var naming = ContainerNaming(index: index)
        let count = 12
        let before = Set(hierarchy.descendants(of: "/docker"))
        let shell = """
            for i in $(seq 1 \(count)); do docker run --rm --name \(name)-$i --network none rf-busybox true; done \
            >/dev/null 2>&1 &
            """
        _ = try Shell.run(["sh", "-c", shell], environment: ["DOCKER_HOST": "unix://\(Engines.socket)"])
        let start = ContinuousClock.now
        var now: UInt64 { UInt64((ContinuousClock.now - start) / .nanoseconds(1)) }
        var present: [String: UInt64] = [:]
        var results: [NamedCgroup] = []
        var mine: Set<String> { Set(results.compactMap(\.container?.name).filter { $0.hasPrefix(name) }) }
        while mine.count < count, now < 60_000_000_000 {
            let seen = Set((try? FileTree.entries(of: hierarchy.directory(of: "/docker"))) ?? []).map {
                "/docker/\($0)"
            }
            for path in seen where present[path] == nil && !before.contains(path) && CgroupPath(path) != nil {
                guard let id = try? hierarchy.id(of: path) else { continue }
                present[path] = id
                if let result = naming.appeared(id, path: path, now: now) { results.append(result) }
            }
            for (path, id) in present where !seen.contains(path) {
                present[path] = nil
                if let result = naming.removed(id, now: now) { results.append(result) }
            }
            results += naming.retry(now: now)
        }
        #expect(mine.count == count)
        #expect(results.filter { mine.contains($0.container?.name ?? "") }.allSatisfy { $0.state == .named })
    }

    @Test("a Docker container that only runs `true` is named when its cgroup appears, every time")
    func shortLived() throws {
        for round in 0..<5 {
            let name = "\(self.name)-\(round)"
            let before = Set(hierarchy.descendants(of: "/docker"))
            let shell = "docker run --rm --name \(name) --network none rf-busybox true >/dev/null 2>&1 &"
            _ = try Shell.run(["sh", "-c", shell], environment: ["DOCKER_HOST": "unix://\(Engines.socket)"])
            let deadline = ContinuousClock.now + .seconds(20)
            var found: ContainerDescription?
            while found == nil, ContinuousClock.now < deadline {
                // A cgroup of another test's container may appear as well.
                found = hierarchy.descendants(of: "/docker").lazy.filter { !before.contains($0) }
                    .compactMap { index.describe(cgroupPath: $0) }.first { $0.name == name }
            }
            #expect(found?.image == "rf-busybox" && found?.command == ["true"], "round \(round)")
            let end = ContinuousClock.now + .seconds(20)
            while let path = found?.cgroupPath, hierarchy.exists(path), ContinuousClock.now < end { sched_yield() }
        }
    }

    @Test("the stopped container of an engine is told from one that does not exist")
    func stopped() throws {
        let run = try Engines.docker("run", "--name", name, "--network", "none", "rf-busybox", "true")
        try #require(run.status == 0, "\(run.errors)")
        defer { _ = try? Engines.docker("rm", "-f", name) }
        let error = #expect(throws: ContainerError.self) { try index.match(name) }
        #expect(error?.description.contains("is not running") == true)
    }
}
