// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Seccomp

/// The filters that a call is timed under.
enum BenchmarkFilter: String, CaseIterable, Encodable {
    /// The control: what is measured twice.
    case none
    /// A generated profile that allows what is timed.
    case plain
    /// The same, and what is read is asked for: one argument is compared.
    case oneRule = "one-rule"
    /// The same with eight values of which the last fits, as a list of socket families has them.
    case eightRules = "eight-rules"
    /// What Docker gives a container.
    case docker

    /// What the table calls it.
    var title: String {
        switch self {
        case .none: "no filter"
        case .plain: "generated, 100 calls"
        case .oneRule: "generated, a rule on read's argument"
        case .eightRules: "generated, eight rules on it"
        case .docker: "Docker's default"
        }
    }

    /// The calls of a middling server, 100 of them.
    static let calls: [String] = {
        let common = [
            "read", "write", "openat", "close", "getppid", "mmap", "munmap", "mprotect", "brk", "futex", "fstat",
            "lseek", "socket", "bind", "listen", "accept4", "clone", "execve", "exit_group", "rt_sigaction",
        ]
        let others = SyscallTable.table(.native).entries.map(\.name).filter { name in
            !common.contains(name) && NeverAllow.tier(of: name) == nil && CallCatalog.resolves(name)
                && name != "clone3"
        }
        return common + others.sorted().prefix(100 - common.count)
    }()

    /// What such a server leaves behind when it is recorded.
    static var behaviour: BehaviourProfile {
        let date = Date(timeIntervalSince1970: 1_700_000_000)
        var profile = BehaviourProfile(
            key: "server", architecture: .current, target: ProfileTarget(kind: .container, name: "server"),
            environments: [ProfileEnvironment(kernel: "6.1.0", runtime: "runc 1.1.5", libc: "glibc 2.36")],
            window: ProfileWindow(start: date, end: date, runs: 5))
        let evidence = CallEvidence(
            phases: [
                Phase.workload.name: PhaseEvidence(
                    runs: 5, first: date, last: date,
                    executables: ["/usr/sbin/server": 1000, "/usr/bin/worker": 50])
            ])
        profile.calls[CallABI.native.name(on: .current)] = Dictionary(
            uniqueKeysWithValues: calls.map { ($0, evidence) })
        return profile
    }

    /// Puts this process under it, for good.
    func load() throws(BenchmarkError) {
        do throws(SeccompError) {
            guard let profile = try profile() else { return }
            try CompiledFilter(profile).load(noNewPrivileges: true)
        } catch { throw .unavailable(error.description) }
    }

    private func profile() throws(SeccompError) -> OCISeccompProfile? {
        switch self {
        case .none: return nil
        case .docker:
            return try EngineDefault.docker.document().resolved(for: EngineContext(kernel: (6, 1))).profile
        case .plain: return try SeccompGenerator.generate(Self.behaviour).oci
        case .oneRule: return try restricted(to: [1])
        // What is timed reads one byte at a time.
        case .eightRules: return try restricted(to: [2, 3, 4, 5, 6, 7, 8, 1])
        }
    }

    /// The generated profile in which read takes these counts alone.
    private func restricted(to counts: [UInt64]) throws(SeccompError) -> OCISeccompProfile {
        var profile = try SeccompGenerator.generate(Self.behaviour).oci
        for index in profile.syscalls.indices { profile.syscalls[index].names.removeAll { $0 == "read" } }
        profile.syscalls += counts.map {
            .init(names: ["read"], action: .allow, args: [.masked(2, mask: 0xFFFF_FFFF, equals: $0)])
        }
        return profile
    }
}
