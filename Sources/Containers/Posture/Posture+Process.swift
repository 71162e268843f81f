// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Platform

extension Posture {
    /// What a process may do, from its directory in procfs and its cgroup's, where there is cgroup v2. What it was given
    /// beside that, as ports and devices, is in no file of the kernel's and stays unknown.
    init(process: String, host: NamespaceComparison, cgroup directory: String?) {
        self.init(source: .process)
        let status = Self.fields(of: process + "/status")
        guard !status.isEmpty else {
            source = .nothing
            notes.append("its first process is gone, or cannot be looked at")
            return
        }
        user = Self.user(status, process)
        hasUserNamespace = host.isHost(process: process, kind: "user").map { !$0 }
        capabilities = status["CapBnd"].flatMap { CapabilitySet(hexadecimal: $0) }
        noNewPrivileges = status["NoNewPrivs"].map { $0 != "0" }
        hasSeccomp = status["Seccomp"].map { $0 != "0" }
        for kind in Namespace.allCases { isHostNamespace[kind] = host.isHost(process: process, kind: kind.rawValue) }
        if host.isHost(process: process, kind: "mount") == true {
            mounts = [Mount(source: "/", destination: "/", isReadOnly: false)]
        }
        label = Self.label(process)
        isRootReadOnly = Self.isRootReadOnly(process)
        if let bytes = try? FileBytes.read(process + "/environ", limit: 1 << 20, followsLink: false) {
            secrets = SecretName.names(in: bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
        }
        limits = directory.flatMap(Self.limits)
        if capabilities?.contains("CAP_SYS_ADMIN") == false || hasSeccomp == true { isPrivileged = false }
    }

    private static func text(_ path: String) -> String? {
        guard let bytes = try? FileBytes.read(path, limit: 1 << 20, followsLink: false) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The lines `Name: value` of proc_pid_status(5).
    private static func fields(of path: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in (text(path) ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            fields[String(parts[0])] = String(parts[1].drop { $0 == "\t" || $0 == " " })
        }
        return fields
    }

    /// The effective user id as the process sees it: user_namespaces(7), uid_map.
    private static func user(_ status: [String: String], _ process: String) -> UInt32? {
        let ids = (status["Uid"] ?? "").split(separator: "\t")
        guard ids.count == 4, let outer = UInt32(ids[1]), let map = text(process + "/uid_map") else { return nil }
        for line in map.split(separator: "\n") {
            let words = line.split(separator: " ").compactMap { UInt32($0) }
            guard words.count == 3, outer >= words[1], outer - words[1] < words[2] else { continue }
            return words[0] + (outer - words[1])
        }
        return nil
    }

    /// Without an LSM the file cannot be read (EINVAL): then nothing confines.
    private static func label(_ process: String) -> String? {
        do throws(SystemError) {
            let bytes = try FileBytes.read(process + "/attr/current", limit: 4096, followsLink: false)
            let label = String(decoding: bytes.prefix { $0 != 0 && $0 != 0x0A }, as: UTF8.self)
            return confines(label: label) ? HostileText.escaped(label.utf8.prefix(256)) : ""
        } catch { return error.errno == EINVAL ? "" : nil }
    }

    /// The mount's own options are the sixth field, those of the file system the last: either makes it read-only.
    private static func isRootReadOnly(_ process: String) -> Bool? {
        guard let table = text(process + "/mountinfo") else { return nil }
        let root = table.split(separator: "\n").map { $0.split(separator: " ") }.last { $0.count > 6 && $0[4] == "/" }
        guard let root, let last = root.last else { return nil }
        return [root[5], last].contains { $0.split(separator: ",").contains("ro") }
    }

    /// memory.max, pids.max and cpu.max: cgroups(7). A controller that is not there limits nothing.
    private static func limits(_ directory: String) -> Limits? {
        guard FileTree.exists(directory + "/cgroup.procs") else { return nil }
        func number(_ name: String) -> UInt64? { text(directory + "/" + name).flatMap { UInt64($0.dropLast()) } }
        let processors = (text(directory + "/cpu.max") ?? "").split { $0 == " " || $0 == "\n" }.compactMap {
            Double($0)
        }
        return Limits(
            memory: number("memory.max"), pids: number("pids.max"),
            cpus: processors.count == 2 && processors[1] > 0 ? processors[0] / processors[1] : nil)
    }
}
