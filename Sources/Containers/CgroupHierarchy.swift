// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// The cgroup tree whose ids are identity: cgroup2 wherever it is mounted, hybrid hosts included, else one v1 controller.
/// Paths of cgroups are as the kernel writes them: they begin with "/" and are relative to the hierarchy's root.
package struct CgroupHierarchy: Equatable, Sendable {
    /// Which kind of tree it is.
    package enum Kind: Equatable, Sendable {
        /// cgroup v2, the kernel's default hierarchy.
        case unified
        /// A v1 hierarchy, named by one controller of it.
        case legacy(controller: String)
    }

    /// What the kernel's own paths are relative to, without a trailing slash: "/sys/fs/cgroup/unified".
    package let mountPoint: String
    /// Which kind of tree it is.
    package let kind: Kind
    private let procfs: String

    /// How many cgroups one walk of the tree looks at before it stops.
    package static let walkLimit = 32_768
    private static let fileLimit = 8 << 20

    /// Of a v1-only host any controller does; those which runtimes always join come first.
    private static let preferredControllers = ["pids", "memory", "cpu", "freezer", "devices", "cpuset", "blkio"]

    /// The tree of this host.
    package static func detect() throws(ContainerError) -> CgroupHierarchy {
        let text: String
        do {
            let bytes = try FileBytes.read("/proc/self/mountinfo", limit: fileLimit, followsLink: false)
            text = String(decoding: bytes, as: UTF8.self)
        } catch {
            throw ContainerError(.findHierarchy, "the cgroup tree", "\(error); mount procfs at /proc")
        }
        return try detect(inMountInfo: text)
    }

    /// The tree that a mountinfo table shows. `procfs` is where processes are looked up.
    package static func detect(
        inMountInfo text: String, procfs: String = "/proc"
    ) throws(ContainerError) -> CgroupHierarchy {
        let mounts = CgroupMount.all(inMountInfo: text)
        // A mount of a part of the tree does not show everything; one below /sys/fs/cgroup is the host's own.
        func best(_ candidates: [CgroupMount]) -> CgroupMount? {
            let whole = candidates.filter { $0.root == "/" }
            return whole.first { $0.mountPoint.hasPrefix("/sys/fs/cgroup") } ?? whole.first ?? candidates.first
        }
        if let mount = best(mounts.filter(\.isUnified)) {
            return CgroupHierarchy(mountPoint: mount.mountPoint, kind: .unified, procfs: procfs)
        }
        let legacy = mounts.filter { !$0.isUnified && !$0.controllers.isEmpty }
        let names = preferredControllers + legacy.flatMap(\.controllers)
        for name in names {
            guard let mount = best(legacy.filter { $0.controllers.contains(name) }) else { continue }
            return CgroupHierarchy(mountPoint: mount.mountPoint, kind: .legacy(controller: name), procfs: procfs)
        }
        throw ContainerError(
            .findHierarchy, "a cgroup tree",
            "no cgroup file system is mounted; run `mount -t cgroup2 cgroup2 /sys/fs/cgroup` as root")
    }

    /// A tree at a known place, for tests.
    package init(mountPoint: String, kind: Kind, procfs: String = "/proc") {
        self.mountPoint = mountPoint
        self.kind = kind
        self.procfs = procfs
    }

    /// The file system path of a cgroup: the mount point followed by `path`, "/" being the root cgroup.
    package func directory(of path: String) -> String { path == "/" ? mountPoint : mountPoint + path }

    /// The cgroup whose directory is `directory`, or nil if it does not lie below the mount point.
    package func path(ofDirectory directory: String) -> String? {
        guard directory != mountPoint else { return "/" }
        guard directory.hasPrefix(mountPoint + "/") else { return nil }
        return String(directory.dropFirst(mountPoint.count))
    }

    /// Whether the cgroup is there.
    package func exists(_ path: String) -> Bool {
        (try? FileTree.status(of: directory(of: path)))?.isDirectory ?? false
    }

    /// The cgroup id of the kernel (`bpf_get_current_cgroup_id()`, `cgroup->kn->id`). It is the 64-bit handle that
    /// name_to_handle_at(2) returns on cgroupfs; since Linux 5.5 kernfs uses the same 64 bits as inode number wherever
    /// ino_t has 64 bits (`kernfs_ino()` in include/linux/kernfs.h), so stat(2) tells it.
    package func id(of path: String) throws(ContainerError) -> UInt64 {
        do {
            return try FileTree.status(of: directory(of: path)).inode
        } catch {
            throw ContainerError(.readCgroup, "cgroup \(HostileText.escaped(path))", cause(error))
        }
    }

    /// The cgroup this process is in.
    package func ownCgroup() throws(ContainerError) -> String { try cgroup(inProcess: "self") }

    /// The cgroup a process is in. A cgroup that was removed under its last process keeps the kernel's " (deleted)".
    package func cgroup(ofProcess pid: Int32) throws(ContainerError) -> String {
        try cgroup(inProcess: String(pid))
    }

    private func cgroup(inProcess name: String) throws(ContainerError) -> String {
        let file = "\(procfs)/\(name)/cgroup"
        let text = try self.text(file, of: name == "self" ? "this process's cgroup" : "the cgroup of process \(name)")
        guard let path = cgroup(inTable: text) else {
            throw ContainerError(.readCgroup, file, "it names no cgroup of the tree at \(mountPoint); mount cgroup2")
        }
        return path
    }

    /// The path in a table in the format of /proc/PID/cgroup, see cgroups(7); nil if this tree is not in it.
    package func cgroup(inTable text: String) -> String? {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[2].hasPrefix("/") else { continue }
            switch kind {
            case .unified: if fields[0] == "0", fields[1].isEmpty { return String(fields[2]) }
            case .legacy(let controller):
                if fields[1].split(separator: ",").contains(Substring(controller)) { return String(fields[2]) }
            }
        }
        return nil
    }

    /// The processes in one cgroup, without those of cgroups below it, ascending. Processes of another pid namespace
    /// are left out (the kernel shows them as 0).
    package func processes(in path: String) throws(ContainerError) -> [Int32] {
        try text("\(directory(of: path))/cgroup.procs", of: "cgroup \(HostileText.escaped(path))")
            .split(separator: "\n").compactMap { Int32($0) }.filter { $0 > 0 }.sorted()
    }

    /// The cgroups at and below `path`, parents first, at most `walkLimit`; those that vanish meanwhile are left out.
    package func descendants(of path: String) -> [String] {
        guard exists(path) else { return [] }
        var found = [path]
        var next = 0
        while next < found.count {
            let parent = found[next]
            next += 1
            for name in (try? FileTree.entries(of: directory(of: parent))) ?? [] {
                let child = parent == "/" ? "/" + name : parent + "/" + name
                guard found.count < Self.walkLimit else { return found }
                if exists(child) { found.append(child) }
            }
        }
        return found
    }

    /// Whether a living process is in the cgroup or below it: `cgroup.events` on cgroup2, else the lists of processes.
    package func isPopulated(_ path: String) throws(ContainerError) -> Bool {
        let events = "\(directory(of: path))/cgroup.events"
        if kind == .unified, FileTree.exists(events) {
            return try text(events, of: "cgroup \(HostileText.escaped(path))").split(separator: "\n")
                .contains("populated 1")
        }
        // The root cgroup has no cgroup.events, and v1 has none at all.
        if try !processes(in: path).isEmpty { return true }
        return descendants(of: path).contains { !((try? processes(in: $0)) ?? []).isEmpty }
    }

    /// Makes a cgroup; parents have to exist.
    package func create(_ path: String) throws(ContainerError) {
        do {
            try FileTree.makeDirectory(directory(of: path))
        } catch {
            throw ContainerError(.createCgroup, "cgroup \(HostileText.escaped(path))", cause(error))
        }
    }

    /// Removes a cgroup and the cgroups below it. None may hold a process. What is gone already is no error.
    package func remove(_ path: String) throws(ContainerError) {
        for child in descendants(of: path).reversed() {
            do {
                try FileTree.removeDirectory(directory(of: child))
            } catch {
                if error.errno == ENOENT { continue }
                throw ContainerError(.removeCgroup, "cgroup \(HostileText.escaped(child))", cause(error))
            }
        }
    }

    private func text(_ file: String, of thing: String) throws(ContainerError) -> String {
        do {
            return String(decoding: try FileBytes.read(file, limit: Self.fileLimit, followsLink: false), as: UTF8.self)
        } catch {
            throw ContainerError(.readCgroup, thing, cause(error))
        }
    }

    private func cause(_ error: SystemError) -> String {
        let remedy =
            switch error.errno {
            case EROFS:
                "the cgroup tree is mounted read-only; run `mount -o remount,rw \(mountPoint)` or record on the host"
            case EACCES, EPERM: "run it as root"
            case EBUSY: "processes are still in it; end them first"
            case ENOENT, ENODEV, ESRCH: "it is gone or was never there; check the name"
            case EEXIST: "it is there already; choose another name or remove it"
            case ENOSPC, EAGAIN: "a limit of cgroup.max.descendants or cgroup.max.depth is reached; raise it above"
            default: "check \(mountPoint)"
            }
        return "\(SystemError.message(error.errno)); \(remedy)"
    }
}
