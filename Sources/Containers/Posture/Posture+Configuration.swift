// SPDX-License-Identifier: Apache-2.0
import Events
import Platform

extension Posture {
    /// Devices that every container has, config-linux.md, "Default Devices".
    private static let ordinary: Set<String> = [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/console", "/dev/ptmx",
    ]

    /// Files that engines make for each container, in a directory that is called by its id.
    private static let engineFiles: Set<Substring> = ["resolv.conf", "hostname", "hosts", "shm", ".containerenv"]

    /// What the runtime of the container with this id was told. `owner` is the user who wrote it; `host` says which
    /// namespaces are the host's.
    init(_ config: OCIPosture, id: String, owner: UInt32, host: NamespaceComparison) {
        self.init(source: .configuration)
        if let process = config.process {
            user = process.user?.uid ?? 0
            take(process.capabilities)
            noNewPrivileges = process.noNewPrivileges ?? false
            label = Self.label(process)
            take(secretsIn: process.env ?? [])
        }
        if let linux = config.linux {
            take(linux.namespaces ?? [], owner: owner, host: host)
            take(linux)
        }
        isRootReadOnly = config.root.map { $0.readonly ?? false }
        if config.process != nil { take(config.mounts ?? [], id: id, owner: owner) }
        isPrivileged = privileged(config)
    }

    private mutating func take(_ given: OCIPosture.Capabilities?) {
        guard let given else {
            notes.append("the configuration says nothing of capabilities")
            return
        }
        let names = [given.bounding, given.effective, given.permitted, given.ambient].compactMap { $0 }.joined()
        capabilities = CapabilitySet(names: names)
        if capabilities == nil { notes.append("the configuration names a capability that does not exist") }
    }

    private mutating func take(secretsIn environment: [String]) {
        secrets = SecretName.names(in: environment)
    }

    /// An SELinux label of a type that confines nothing is none.
    private static func label(_ process: OCIPosture.Process) -> String {
        let profile = process.apparmorProfile ?? ""
        if !profile.isEmpty, profile != "unconfined" { return HostileText.escaped(profile.utf8.prefix(256)) }
        let label = process.selinuxLabel ?? ""
        return confines(label: label) ? HostileText.escaped(label.utf8.prefix(256)) : ""
    }

    /// Whether an SELinux label or an AppArmor profile as /proc shows it confines anything.
    static func confines(label: String) -> Bool {
        let kind = label.split(separator: ":").dropFirst(2).first ?? ""
        return !label.isEmpty && !label.hasPrefix("unconfined") && !kind.hasPrefix("unconfined") && kind != "spc_t"
            && !label.hasSuffix("(complain)")
    }

    private mutating func take(_ namespaces: [OCIPosture.Namespace], owner: UInt32, host: NamespaceComparison) {
        func isHost(_ kind: String) -> Bool? {
            guard let entry = namespaces.first(where: { $0.type == kind }) else { return true }
            guard let path = entry.path, !path.isEmpty else { return false }
            // Where another user's file points to is not looked at with root's eyes.
            return owner == 0 ? host.isHost(path, kind: kind) : nil
        }
        for kind in Namespace.allCases { isHostNamespace[kind] = isHost(kind.rawValue) }
        // Who is not root cannot make a container without a user namespace around it.
        hasUserNamespace = owner != 0 ? true : isHost("user").map { !$0 }
    }

    private mutating func take(_ linux: OCIPosture.Linux) {
        hasSeccomp = linux.seccomp?.refusesSomething ?? false
        limits = (linux.resources.map(\.limits)) ?? Limits()
        hasAllDevices = linux.resources?.allowsAllDevices ?? false
        let paths = (linux.devices ?? []).compactMap(\.path).filter { !Self.ordinary.contains($0) }
        devices = bounded(Set(paths).sorted().map { HostileText.escaped($0) }, "devices")
    }

    private mutating func take(_ all: [OCIPosture.Mount], id: String, owner: UInt32) {
        let bound = all.compactMap { mount -> Mount? in
            let options = Set(mount.options ?? [])
            guard mount.type == "bind" || options.contains("bind") || options.contains("rbind"),
                let source = mount.source, source.hasPrefix("/")
            else { return nil }
            let path = owner == 0 ? FileTree.resolved(source) ?? source : source
            let parts = path.split(separator: "/")
            if parts.contains(Substring(id)), parts.last.map(Self.engineFiles.contains) == true { return nil }
            return Mount(
                source: HostileText.escaped(HostPath.normal(path)),
                destination: HostileText.escaped(mount.destination ?? "?"), isReadOnly: options.contains("ro"))
        }
        mounts = bounded(bound, "mounts")
    }

    private mutating func bounded<T>(_ all: [T], _ what: String) -> [T]? {
        guard all.count > Self.listLimit else { return all }
        notes.append("it has \(all.count) \(what), too many to be looked at")
        return nil
    }

    /// Podman writes down what it was asked for. Elsewhere it counts what was done: no engine does all of this by itself.
    private func privileged(_ config: OCIPosture) -> Bool? {
        if let word = config.annotations?["io.podman.annotations.privileged"] { return word.uppercased() == "TRUE" }
        guard let capabilities, let hasAllDevices, let hasSeccomp, let linux = config.linux else { return nil }
        return capabilities.contains("CAP_SYS_ADMIN") && hasAllDevices && !hasSeccomp
            && (linux.maskedPaths ?? []).isEmpty
    }
}
