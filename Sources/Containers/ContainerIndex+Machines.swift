// SPDX-License-Identifier: Apache-2.0
import Platform

/// LXC containers and systemd's machines, which run an init system of their own.
extension ContainerIndex {
    /// The machine whose cgroup it is. A user's own are not known by name.
    func machine(_ parsed: CgroupPath, _ reader: inout StateReader) -> ContainerDescription? {
        guard parsed.owner == nil else { return nil }
        switch parsed.engine {
        case .lxc: return lxcContainer(parsed.id, &reader)
        case .nspawn: return nspawnMachine(parsed.id, &reader)
        default: return nil
        }
    }

    /// An LXC container by its name: what /var/lib/lxc/NAME/config says, if that is where it is.
    private func lxcContainer(_ name: String, _ reader: inout StateReader) -> ContainerDescription? {
        guard let lines = lines("\(options.root)/var/lib/lxc/\(name)/config", name, &reader) else { return nil }
        var container = ContainerDescription(
            id: HostileText.escaped(name), name: HostileText.escaped(name), engine: .lxc)
        container.runtime = "lxc"
        container.hasState = true
        // lxc-create leaves "# Parameters passed to the template: --dist debian --release bookworm --arch amd64".
        for line in lines {
            let fields = line.split(separator: "=", maxSplits: 1).map { trimmed($0) }
            if line.hasPrefix("# Parameters passed to the template:") {
                let words = line.split(separator: " ").map(String.init)
                let parts = ["--dist", "--release", "--arch"].compactMap { option in
                    words.firstIndex(of: option).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
                }
                if !parts.isEmpty { container.image = HostileText.escaped(parts.joined(separator: "/")) }
            } else if fields.count == 2, fields[0] == "lxc.init.cmd" || fields[0] == "lxc.init_cmd" {
                container.command = fields[1].split(separator: " ").map { HostileText.escaped(String($0)) }
            }
        }
        if container.command.isEmpty { container.command = ["/sbin/init"] }
        return container
    }

    /// A machine by its name, from what systemd-machined keeps in /run/systemd/machines/NAME.
    private func nspawnMachine(_ name: String, _ reader: inout StateReader) -> ContainerDescription? {
        guard let lines = lines("\(options.root)/run/systemd/machines/\(name)", name, &reader) else { return nil }
        var container = ContainerDescription(
            id: HostileText.escaped(name), name: HostileText.escaped(name), engine: .nspawn)
        container.hasState = true
        for line in lines {
            let fields = line.split(separator: "=", maxSplits: 1).map(String.init)
            guard fields.count == 2, !fields[1].isEmpty else { continue }
            switch fields[0] {
            case "LEADER": container.pid = Int32(fields[1]).flatMap { $0 > 0 ? $0 : nil }
            case "SERVICE": container.runtime = HostileText.escaped(fields[1])
            // The tree it was started from takes the place of an image.
            case "ROOT": container.image = HostileText.escaped(CgroupPath.systemdUnescaped(fields[1]))
            default: break
            }
        }
        return container
    }

    private func trimmed(_ text: Substring) -> String {
        text.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }

    private func lines(_ path: String, _ name: String, _ reader: inout StateReader) -> [Substring]? {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else { return nil }
        guard let bytes = reader.text(at: path) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").prefix(10_000).map { $0 }
    }
}
