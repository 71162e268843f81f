// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform

/// Where engines keep their state on this host.
struct EngineRoots: Sendable {
    /// A directory and the user whose it is.
    struct Root: Hashable, Sendable {
        var path: String
        var owner: UInt32 = 0
        /// Of a containerd's task directory: where that containerd keeps its database and its content.
        var state: String?

        /// containerd's database.
        var metadata: String? { state.map { $0 + "/io.containerd.metadata.v1.bolt/meta.db" } }
        /// containerd's content store.
        var content: String? { state.map { $0 + "/io.containerd.content.v1.content" } }
    }

    /// Each holds `containers/ID/config.v2.json`.
    var docker: [Root] = []
    /// Storage of containers/storage: each holds `DRIVER-containers/containers.json`. Podman's and CRI-O's.
    var storage: [Root] = []
    /// containerd's task directories: each holds `NAMESPACE/ID/config.json`.
    var tasks: [Root] = []
    /// runc's state: each holds `ID/state.json`.
    var runc: [Root] = []
    /// crun's state: each holds `ID/status`.
    var crun: [Root] = []
    /// Engines of which a process runs in our mount namespace: "dockerd", "containerd".
    var daemons: Set<String> = []

    init(_ options: ContainerIndex.Options, reader: inout StateReader) {
        let prefix = options.root
        var dataRoots = options.dockerDataRoots
        var execRoots = options.dockerExecRoots
        struct DaemonFile: Decodable {
            let dataRoot: String?
            let execRoot: String?
            enum CodingKeys: String, CodingKey {
                case dataRoot = "data-root"
                case execRoot = "exec-root"
            }
        }
        if let file = reader.decode(DaemonFile.self, at: prefix + "/etc/docker/daemon.json") {
            dataRoots += [file.dataRoot].compactMap { $0 }
            execRoots += [file.execRoot].compactMap { $0 }
        }
        readProcesses(prefix, &dataRoots, &execRoots)
        dataRoots.append("/var/lib/docker")
        execRoots.append("/run/docker")
        docker = dataRoots.map { Root(path: prefix + $0) }
        storage = [Root(path: prefix + "/var/lib/containers/storage")]
        let task = "io.containerd.runtime.v2.task"
        func containerd(_ directory: String, _ configuration: String, usually state: String) -> Root {
            let configured = Self.containerdRoot(prefix + configuration)
            return Root(path: "\(prefix)\(directory)/\(task)", state: prefix + (configured ?? state))
        }
        tasks = [containerd("/run/containerd", "/etc/containerd/config.toml", usually: "/var/lib/containerd")]
        for rancher in ["/var/lib/rancher/k3s/agent", "/var/lib/rancher/rke2/agent"]
        where FileTree.exists(prefix + rancher) {
            tasks.append(
                containerd(
                    "/run/k3s/containerd", rancher + "/etc/containerd/config.toml", usually: rancher + "/containerd"))
        }
        // dockerd starts a containerd of its own where none runs, and writes its configuration.
        tasks += execRoots.map {
            containerd(
                "\($0)/containerd/daemon", "\($0)/containerd/containerd.toml",
                usually: "/var/lib/docker/containerd/daemon")
        }
        runc = [Root(path: prefix + "/run/runc")]
        crun = [Root(path: prefix + "/run/crun")]
        for parent in execRoots.map({ "\(prefix)\($0)/runtime-runc" }) + ["\(prefix)/run/containerd/runc"] {
            runc += ((try? FileTree.entries(of: parent)) ?? []).map { Root(path: "\(parent)/\($0)") }
        }
        for (owner, home) in Self.users(prefix) {
            storage.append(Root(path: "\(prefix)\(home)/.local/share/containers/storage", owner: owner))
            docker.append(Root(path: "\(prefix)\(home)/.local/share/docker", owner: owner))
            runc.append(Root(path: "\(prefix)/run/user/\(owner)/runc", owner: owner))
            crun.append(Root(path: "\(prefix)/run/user/\(owner)/crun", owner: owner))
        }
        docker = Self.present(docker)
        storage = Self.present(storage)
        tasks = Self.present(tasks)
        runc = Self.present(runc)
        crun = Self.present(crun)
    }

    /// The engines that have state here, and of which of them the daemon does not run; safe to print.
    var summary: [String] {
        var lines: [String] = []
        if !docker.isEmpty { lines.append(daemons.contains("dockerd") ? "docker" : "docker (engine not running)") }
        if !storage.isEmpty { lines.append("podman") }
        if !tasks.isEmpty {
            lines.append(daemons.contains("containerd") ? "containerd" : "containerd (engine not running)")
        }
        if !runc.isEmpty { lines.append("runc") }
        if !crun.isEmpty { lines.append("crun") }
        return lines
    }

    private static func present(_ roots: [Root]) -> [Root] {
        var seen: Set<String> = []
        return roots.filter { root in
            seen.insert(root.path).inserted && ((try? FileTree.status(of: root.path))?.isDirectory ?? false)
        }
    }

    /// A running dockerd says on its command line where its state is. Only root's in our own mount namespace is believed:
    /// a container's process may call itself dockerd and name any directory.
    private mutating func readProcesses(_ prefix: String, _ dataRoots: inout [String], _ execRoots: inout [String]) {
        let procfs = prefix + "/proc"
        guard let own = try? FileTree.status(of: procfs + "/self/ns/mnt").inode else { return }
        for name in (try? FileTree.entries(of: procfs)) ?? [] where name.utf8.first.map({ $0 <= 0x39 }) ?? false {
            let process = "\(procfs)/\(name)"
            guard let comm = try? FileBytes.read(process + "/comm", limit: 64, followsLink: false) else { continue }
            let program = String(decoding: comm, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
            guard program == "dockerd" || program == "containerd",
                (try? FileTree.status(of: process))?.owner == 0,
                (try? FileTree.status(of: process + "/ns/mnt"))?.inode == own,
                let line = try? FileBytes.read(process + "/cmdline", limit: 1 << 20, followsLink: false)
            else { continue }
            daemons.insert(program)
            guard program == "dockerd" else { continue }
            let arguments = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            dataRoots += Self.values(of: ["--data-root", "-g", "--graph"], in: arguments)
            execRoots += Self.values(of: ["--exec-root"], in: arguments)
        }
    }

    /// The directory of containerd's state, from the line `root = "DIRECTORY"` at the top of its configuration.
    private static func containerdRoot(_ path: String) -> String? {
        guard let bytes = try? FileBytes.read(path, limit: 1 << 20, followsLink: false) else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            // A section begins: what follows is not containerd's own.
            guard !line.hasPrefix("[") else { return nil }
            let halves = line.split(separator: "=", maxSplits: 1)
            guard halves.count == 2, halves[0].filter({ $0 != " " }) == "root" else { continue }
            let directory = halves[1].filter { $0 != "\"" && $0 != "'" && $0 != " " }
            return directory.hasPrefix("/") ? String(directory) : nil
        }
        return nil
    }

    private static func values(of options: [String], in arguments: [String]) -> [String] {
        arguments.indices.compactMap { index in
            let argument = arguments[index]
            if options.contains(argument) { return index + 1 < arguments.count ? arguments[index + 1] : nil }
            return options.lazy.compactMap { argument.dropping(prefix: $0 + "=") }.first
        }.filter { $0.hasPrefix("/") }
    }

    /// Users with a home, from passwd(5); those of a directory service are not seen. At most 1,000.
    private static func users(_ prefix: String) -> [(owner: UInt32, home: String)] {
        guard let bytes = try? FileBytes.read(prefix + "/etc/passwd", limit: 1 << 20, followsLink: false) else {
            return []
        }
        let users = String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap {
            line -> (owner: UInt32, home: String)? in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 7, let owner = UInt32(fields[2]), owner >= 1000, owner != 65_534,
                fields[5].hasPrefix("/"), fields[5] != "/"
            else { return nil }
            return (owner, String(fields[5]))
        }
        return Array(users.prefix(1000))
    }
}
