// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// A way to run a container: the engines that `.ci/engines/up` makes ready.
package enum Engine: String, CaseIterable, Sendable {
    case runc, crun, docker, podman, containerd

    /// The reason that skipped tests give.
    package static let needed = "needs the engines that .ci/engines/up starts"
    /// Whether the engines were started.
    package static let areUp = FileTree.exists(socket) && FileTree.exists(rootfs("busybox"))
    private static let socket = "/run/ringfence-test/docker.sock"
    /// The containerd of that Docker engine, which serves others as well.
    private static let containerdSocket = "/run/ringfence-test/docker/containerd/containerd.sock"
    /// crun where it sees cgroup v2 alone.
    private static let crunRun = Repository.path + "/.ci/engines/crun-run"

    /// The root file system that a bare runtime gets, and the engines' images were made of.
    private static func rootfs(_ image: String) -> String { "/var/cache/ringfence-test/rootfs/\(image)" }

    /// For every command that starts a container.
    package static let environment = ["DOCKER_HOST": "unix://\(socket)"]

    /// A container to be run.
    package struct Container {
        package let name: String
        package let image: String
        package let words: [String]
        /// Path of a seccomp profile; nil for the engine's default, and for none under bare runc.
        package var seccomp: String?
        /// A program of this machine that is to be `/run/NAME` there: its path by name.
        package var programs: [String: String] = [:]
        /// More of what Docker and Podman take after `run`.
        package var options: [String] = []
        /// Whether its processes can gain no privileges; not for containerd.
        package var noNewPrivileges = false
        /// The bundle's annotations, for runc and crun.
        package var annotations: [String: String] = [:]

        /// A container that runs `words` in `image`, as the engine does it by default; no words are the image's command.
        package init(
            name: String, image: String, words: [String], seccomp: String? = nil, programs: [String: String] = [:],
            options: [String] = []
        ) {
            self.name = name
            self.image = image
            self.words = words
            self.seccomp = seccomp
            self.programs = programs
            self.options = options
        }
    }

    /// The engine's client, before its verb.
    private var client: [String] {
        switch self {
        case .docker: ["/usr/bin/docker"]
        case .podman: ["podman"]
        case .runc: ["runc"]
        case .crun: [Self.crunRun]
        case .containerd: ["ctr", "--address", Self.containerdSocket]
        }
    }

    /// Directories that a container on a root file system of others gets to write in.
    private static func writable(_ container: Container) -> [String] {
        ["/run", "/tmp"] + (container.image == "nginx" ? ["/var/lib/nginx"] : [])
    }

    /// The command line that runs a container and removes it.
    package func command(_ container: Container, in workspace: Workspace) throws -> [String] {
        let mounts = container.programs.sorted { $0.key < $1.key }.flatMap { ["-v", "\($0.value):/run/\($0.key):ro"] }
        let security = container.seccomp.map { ["--security-opt", "seccomp=\($0)"] } ?? []
        let run =
            ["run", "--rm", "--name", container.name, "--network", "none"] + security
            + (container.noNewPrivileges ? ["--security-opt", "no-new-privileges"] : []) + mounts + container.options
        switch self {
        case .docker: return client + run + ["rf-\(container.image)"] + container.words
        case .podman:
            return client + ["--runtime", "runc", "--cgroup-manager", "cgroupfs"] + run + [
                "--ulimit", "nofile=20000:20000", "--ulimit", "nproc=9000:9000", "--pids-limit=0",
                "localhost/rf-\(container.image)",
            ] + container.words
        case .containerd:
            return client + ["run", "--rm", "--rootfs", "--runtime", "io.containerd.runc.v2"]
                + ["--env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
                + (container.seccomp.map { ["--seccomp", "--seccomp-profile", $0] } ?? [])
                + Self.writable(container).flatMap {
                    ["--mount", "type=tmpfs,src=tmpfs,dst=\($0),options=nosuid:mode=755"]
                }
                + container.programs.sorted { $0.key < $1.key }.flatMap {
                    ["--mount", "type=bind,src=\($0.value),dst=/run/\($0.key),options=bind:ro"]
                } + [Self.rootfs(container.image), container.name] + container.words
        case .runc, .crun:
            let bundle = "bundle-\(UInt32.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(
                atPath: workspace.file(bundle), withIntermediateDirectories: true)
            try workspace.write(try config(container), to: bundle + "/config.json")
            return client + ["run", "-b", workspace.file(bundle), container.name]
        }
    }

    /// Runs a container to its end.
    package func run(_ container: Container, in workspace: Workspace) throws -> Shell.Result {
        try Shell.run(try command(container, in: workspace), environment: Self.environment, seconds: 60)
    }

    /// A command that runs a program in a container that is running.
    /// crun gives it new privileges again unless asked not to; the others keep to the container's.
    package func exec(_ name: String, _ words: [String], noNewPrivileges: Bool = false) throws -> Shell.Result {
        let options = self == .crun && noNewPrivileges ? ["--no-new-privs"] : []
        let exec = self == .containerd ? ["task", "exec", "--exec-id", "e\(UInt32.random(in: 0 ... .max))"] : ["exec"]
        return try Shell.run(client + exec + options + [name] + words, environment: Self.environment)
    }

    /// A container's first process, once it runs: its id in this pid namespace. Of Docker's.
    package func process(of name: String) throws -> Int32 {
        var pid: Int32 = 0
        let runs = try Shell.eventually {
            let inspected = try Shell.run(
                client + ["inspect", "-f", "{{.State.Pid}}", name], environment: Self.environment)
            pid = Int32(inspected.output.filter(\.isNumber)) ?? 0
            return pid > 0
        }
        guard runs else { throw Shell.TimedOut(words: client + ["inspect", name]) }
        return pid
    }

    /// Removes a container that may still be there.
    package func remove(_ name: String) {
        let commands: [[String]] =
            switch self {
            case .docker: [["rm", "-f", name]]
            case .podman: [["rm", "-f", "-t", "0", name]]
            case .runc, .crun: [["delete", "-f", name]]
            case .containerd: [["task", "rm", "-f", name], ["container", "rm", name]]
            }
        for words in commands { _ = try? Shell.run(client + words, environment: Self.environment) }
    }

    /// The bundle's config.json: what engines give a container, without device rules, which need more than a
    /// locked-down host allows.
    private func config(_ container: Container) throws -> String {
        let words = String(decoding: try JSONEncoder().encode(container.words), as: UTF8.self)
        let capabilities =
            "["
            + [
                "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID",
                "SETPCAP", "SETUID", "SYS_CHROOT",
            ].map { "\"CAP_\($0)\"" }.joined(separator: ",") + "]"
        let kinds = ["pid", "mount", "ipc", "uts", "network"].map { #"{"type":"\#($0)"}"# }.joined(separator: ",")
        var mounts = [#"{"destination":"/proc","type":"proc","source":"proc"}"#]
        for directory in ["/dev"] + Self.writable(container) {
            mounts.append(
                #"{"destination":"\#(directory)","type":"tmpfs","source":"tmpfs","options":["nosuid","mode=755"]}"#)
        }
        for (name, path) in container.programs.sorted(by: { $0.key < $1.key }) {
            mounts.append(
                #"{"destination":"/run/\#(name)","type":"bind","source":"\#(path)","options":["bind","ro"]}"#)
        }
        let seccomp = try container.seccomp.map {
            #","seccomp":"# + String(decoding: try FileBytes.read($0, limit: 1 << 20), as: UTF8.self)
        }
        let annotations = String(decoding: try JSONEncoder().encode(container.annotations), as: UTF8.self)
        return #"""
            {"ociVersion":"1.0.2","annotations":\#(annotations),"process":{"terminal":false,
            "noNewPrivileges":\#(container.noNewPrivileges),"user":{"uid":0,"gid":0},"args":\#(words),
            "env":["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],"cwd":"/","capabilities":{"bounding":\#(capabilities),
            "effective":\#(capabilities),"permitted":\#(capabilities)}},
            "root":{"path":"\#(Self.rootfs(container.image))"},"mounts":[\#(mounts.joined(separator: ","))],
            "linux":{"namespaces":[\#(kinds)]\#(seccomp ?? "")}}
            """#
    }
}
