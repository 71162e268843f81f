// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Profiles

/// A drop-in for a systemd service, systemd.exec(5). systemd has no conditions on arguments: socket's become
/// RestrictAddressFamilies=, clone's RestrictNamespaces=; calls with other ones are allowed whole, which the text says. Nor
/// has it error numbers for single calls beside a list of allowed ones: dangerous calls fail with ENOSYS like all others.
struct SystemdDropIn {
    private let generated: GeneratedProfile
    private let verdicts: ProfileVerdicts
    private let policy: FilterPolicy
    private let architecture: Architecture

    init(_ generated: GeneratedProfile) {
        self.generated = generated
        architecture = generated.oci.machine
        verdicts = ProfileVerdicts(generated.oci)
        policy = FilterPolicy(generated.oci, machine: architecture)
    }

    var text: String {
        var lines = [
            "# Made by ringfence of the behaviour profile \(generated.evidence.key).",
            "# Put it into /etc/systemd/system/NAME.service.d/seccomp.conf. systemd allows its set @default as well.",
        ]
        let whole = allowed.subtracting(["socket", "clone"]).filter { !verdicts.verdict(of: $0).isFullyOpen }
        if !whole.isEmpty {
            let list = whole.sorted().joined(separator: ", ")
            lines.append("# Allowed with every argument, which systemd cannot restrict: \(list)")
        }
        lines += [
            "[Service]",
            "SystemCallArchitectures=\((["native"] + foreign).joined(separator: " "))",
            "SystemCallErrorNumber=ENOSYS",
        ]
        lines += filter(named)
        if let families { lines.append("RestrictAddressFamilies=\(families)") }
        if let namespaces { lines.append("RestrictNamespaces=\(namespaces)") }
        if generated.noNewPrivileges { lines.append("NoNewPrivileges=yes") }
        return lines.joined(separator: "\n") + "\n"
    }

    private var allowed: Set<String> { verdicts.open }

    /// Other architectures than the machine's own, in systemd's words.
    private var foreign: [String] {
        generated.oci.architectures.compactMap { architecture in
            switch architecture {
            case .x86: "x86"
            case .x32: "x32"
            case .arm: "arm"
            case .x86_64, .aarch64: nil
            }
        }
    }

    /// The calls, and sets for those that fit into what is allowed as a whole.
    private var named: [String] {
        let tables = generated.oci.architectures.map { SyscallTable.table($0.abi, on: $0.machine) }
        let passing = allowed.union(SystemdSets.implied)
        var rest = allowed.subtracting(SystemdSets.implied)
        var sets: [String] = []
        for (name, members) in SystemdSets.all.sorted(by: { $0.key < $1.key }) where name != "@default" {
            let present = members.filter { call in tables.contains { $0.number(call) != nil } }
            guard !present.isEmpty, present.isSubset(of: passing), !present.isDisjoint(with: rest) else { continue }
            sets.append(name)
            rest.subtract(members)
        }
        return sets + rest.sorted()
    }

    /// Lines of about 100 columns; systemd joins them.
    private func filter(_ words: [String]) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + word.count < 100 {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append("SystemCallFilter=" + word)
            }
        }
        return lines
    }

    private func answer(_ call: String, _ argument: UInt64) -> FilterAction? {
        guard let native = FilterArchitecture(.native, on: architecture),
            let number = SyscallTable.table(.native, on: architecture).number(call)
        else { return nil }
        return policy.action(
            for: .init(
                auditArchitecture: native.auditArchitecture, number: Int32(truncatingIfNeeded: number),
                arguments: [argument]))
    }

    /// The families that socket lets pass, or which it does not; nil where nothing is to be said.
    private var families: String? {
        guard allowed.contains("socket") else { return nil }
        let all = (0..<64).filter { SocketFamily.name($0).hasPrefix("AF_") && $0 > 0 }
        let passing = all.filter { answer("socket", UInt64($0))?.reachesKernel == true }
        // Families under a further condition are allowed: systemd cannot ask for it.
        let conditional = all.filter { family in
            !passing.contains(family)
                && generated.oci.syscalls.contains { rule in
                    rule.names == ["socket"] && rule.action == .allow && (rule.args?.count ?? 0) > 1
                        && rule.args?.contains { $0.index == 0 && $0.holds(UInt64(family), narrow: true) } == true
                }
        }
        let open = Set(passing + conditional)
        guard open.count < all.count else { return nil }
        guard !open.isEmpty else { return "none" }
        if open.count <= 16 { return open.sorted().map { SocketFamily.name($0) }.joined(separator: " ") }
        return "~" + all.filter { !open.contains($0) }.map { SocketFamily.name($0) }.joined(separator: " ")
    }

    /// Which namespaces may be made; nil where unshare or setns are allowed, whose arguments nobody asks for.
    private var namespaces: String? {
        guard !allowed.contains("unshare"), !allowed.contains("setns") else { return nil }
        let words: [(flag: String, word: String)] = [
            ("CLONE_NEWCGROUP", "cgroup"), ("CLONE_NEWIPC", "ipc"), ("CLONE_NEWNET", "net"), ("CLONE_NEWNS", "mnt"),
            ("CLONE_NEWPID", "pid"), ("CLONE_NEWUSER", "user"), ("CLONE_NEWUTS", "uts"),
        ]
        let open = words.filter { flag, _ in
            guard let value = NeverAllow.cloneFlags["clone:" + flag] else { return false }
            return answer("clone", UInt64(value))?.reachesKernel == true
        }
        return open.isEmpty ? "yes" : open.map(\.word).joined(separator: " ")
    }
}
