// SPDX-License-Identifier: Apache-2.0

/// What a cgroup's path says about whose it is. Of nested engines the outermost is the container.
package struct CgroupPath: Equatable, Sendable {
    /// What sort of thing the cgroup belongs to.
    package enum Kind: String, Sendable {
        case container
        /// A machine of systemd-nspawn or an LXC container: it runs an init system of its own.
        case machine
        case service
        case scope
    }

    /// What made the cgroup.
    package let engine: ContainerEngine
    /// The container's full id or name as in the path, never cut; for systemd the unit's name. Not safe to print.
    package let id: String
    /// What sort of thing it is.
    package let kind: Kind
    /// The containerd namespace, where the path tells.
    package let namespace: String?
    /// The cgroup of the container itself, a prefix of the path.
    package let containerPath: String
    /// What follows below the container's cgroup, beginning with "/"; empty for the cgroup itself.
    package let innerPath: String

    /// Parses a cgroup path as the kernel writes it. Nil for what belongs to no container, service or scope.
    package init?(_ path: String) {
        let components = path.split(separator: "/").map(String.init)
        for index in components.indices {
            guard let found = Self.container(at: index, of: components) else { continue }
            self.init(found, at: index + found.length, of: components)
            return
        }
        // systemd's innermost unit of the outermost manager; a user's manager is itself a unit that holds units.
        let units = components.indices.filter { Self.unitKind(components[$0]) != nil }
        guard let unit = units.first(where: { !components[$0].hasPrefix("user@") }) ?? units.first,
            let kind = Self.unitKind(components[unit])
        else { return nil }
        let found = Match(engine: .systemd, id: Self.unprefixed(components[unit]), kind: kind)
        self.init(found, at: unit + 1, of: components)
    }

    private init(_ found: Match, at end: Int, of components: [String]) {
        engine = found.engine
        id = found.id
        kind = found.kind
        namespace = found.namespace
        containerPath = "/" + components[..<end].joined(separator: "/")
        innerPath = components[end...].map { "/" + $0 }.joined()
    }

    /// The user below whose own service manager it lies, who may make cgroups of any name there; nil elsewhere.
    package var owner: UInt32? { Self.delegate(of: containerPath) }

    /// The user of "/user.slice/user-UID.slice/user@UID.service/...", nil for any other path.
    static func delegate(of path: String) -> UInt32? {
        let components = path.split(separator: "/", maxSplits: 3)
        guard components.count >= 3, components[0] == "user.slice" else { return nil }
        return String(components[2]).dropping(prefix: "user@")?.dropping(suffix: ".service").flatMap { UInt32($0) }
    }

    /// What one or two components of a path say.
    private struct Match {
        var engine: ContainerEngine
        var id: String
        var kind = Kind.container
        var namespace: String?
        /// How many components make it up.
        var length = 1
    }

    /// The scopes of engines with the systemd driver: prefix, engine, containerd namespace.
    private static let scopes: [(prefix: String, engine: ContainerEngine, namespace: String?)] = [
        ("docker-", .docker, nil), ("cri-containerd-", .containerd, "k8s.io"), ("nerdctl-", .containerd, nil),
        ("crio-", .crio, nil), ("libpod-", .podman, nil), ("runc-", .runc, nil), ("crun-", .crun, nil),
    ]

    private static func container(at index: Int, of components: [String]) -> Match? {
        let name = components[index]
        if let match = scope(name) ?? machine(name) { return match }
        // With --cgroups=split, as Quadlet's units have it: SERVICE/libpod-payload-ID beside SERVICE/supervisor.
        if let id = name.dropping(prefix: "libpod-payload-"), isFullID(id) { return Match(engine: .podman, id: id) }
        // crio-ID and libpod-ID are also directories of the cgroupfs driver.
        if let id = name.dropping(prefix: "libpod-"), isFullID(id) { return Match(engine: .podman, id: id) }
        if let id = name.dropping(prefix: "crio-"), isFullID(id) { return Match(engine: .crio, id: id) }
        // containerd given a systemd path while it uses the cgroupfs driver: SLICE:cri-containerd:ID.
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 3, parts[1] == "cri-containerd", isFullID(String(parts[2])) {
            return Match(engine: .containerd, id: String(parts[2]), namespace: "k8s.io")
        }
        guard index + 1 < components.count else { return nil }
        return pair(name, components[index + 1], isTop: index == 0)
    }

    private static func scope(_ name: String) -> Match? {
        guard let stem = name.dropping(suffix: ".scope") else { return nil }
        for (prefix, engine, namespace) in scopes {
            guard let id = stem.dropping(prefix: prefix), !id.isEmpty, !id.hasPrefix("conmon-") else { continue }
            // Engines make 64 hexadecimal digits; runc and crun take any id, nerdctl prefixes with its own name.
            guard engine == .runc || engine == .crun || isFullID(id) else { continue }
            return Match(engine: engine, id: id, namespace: namespace)
        }
        return nil
    }

    private static func machine(_ name: String) -> Match? {
        if let id = name.dropping(prefix: "lxc.payload."), !id.isEmpty {
            return Match(engine: .lxc, id: id, kind: .machine)
        }
        if let id = name.dropping(prefix: "systemd-nspawn@")?.dropping(suffix: ".service"), !id.isEmpty {
            return Match(engine: .nspawn, id: systemdUnescaped(id), kind: .machine)
        }
        if let id = name.dropping(prefix: "machine-")?.dropping(suffix: ".scope"), !id.isEmpty {
            let machine = systemdUnescaped(id)
            // libvirt registers virtual machines the same way; their processes are the emulator's.
            guard !machine.hasPrefix("qemu-"), !machine.hasPrefix("lxc-") else { return nil }
            return Match(engine: .nspawn, id: machine, kind: .machine)
        }
        return nil
    }

    private static func pair(_ parent: String, _ name: String, isTop: Bool) -> Match? {
        switch parent {
        case "docker" where isFullID(name): return Match(engine: .docker, id: name, length: 2)
        case "lxc" where isTop, "lxc.payload": return Match(engine: .lxc, id: name, kind: .machine, length: 2)
        case "default" where isTop, "k8s.io" where isTop, "nerdctl" where isTop:
            return Match(engine: .containerd, id: name, namespace: parent, length: 2)
        default:
            // kubepods/besteffort/podUID/ID and kubepods-besteffort-podUID.slice/ID, where nothing names the engine.
            if isPod(parent), isFullID(name) { return Match(engine: .kubernetes, id: name, length: 2) }
            // /NAMESPACE/ID of another containerd namespace; units and slices are systemd's.
            guard isTop, isFullID(name), !parent.hasSuffix(".slice"), unitKind(parent) == nil, parent != "libpod_parent"
            else { return nil }
            return Match(engine: .containerd, id: name, namespace: parent, length: 2)
        }
    }

    private static func isPod(_ name: String) -> Bool {
        (name.hasPrefix("pod") && name.utf8.count >= 35) || (name.hasPrefix("kubepods") && name.contains("-pod"))
    }

    private static func unitKind(_ name: String) -> Kind? {
        if name.hasSuffix(".service") { return .service }
        return name.hasSuffix(".scope") ? .scope : nil
    }

    /// systemd puts "_" before a name that could be taken for a file of the cgroup, see cg_escape() in its sources.
    private static func unprefixed(_ name: String) -> String { name.hasPrefix("_") ? String(name.dropFirst()) : name }

    /// Whether it is an engine's full id: 64 lower-case hexadecimal digits.
    package static func isFullID(_ text: String) -> Bool {
        text.utf8.count == 64 && isHexadecimal(text)
    }

    /// Whether it is made of lower-case hexadecimal digits alone, as ids and their beginnings are.
    static func isHexadecimal(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Undoes `\xNN` of systemd.unit(5). Text that would not be UTF-8 stays as it is.
    static func systemdUnescaped(_ text: String) -> String {
        guard text.contains("\\x") else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3, rest.first == UInt8(ascii: "x"),
                let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? text
    }
}

extension String {
    /// The text after `prefix`, or nil if it does not begin with it.
    func dropping(prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }

    /// The text before `suffix`, or nil if it does not end with it.
    func dropping(suffix: String) -> String? { hasSuffix(suffix) ? String(dropLast(suffix.count)) : nil }
}
