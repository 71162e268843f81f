// SPDX-License-Identifier: Apache-2.0
import Events
import Profiles
import Seccomp
import TestSupport
import Testing

@Suite("Comparison of seccomp profiles")
struct ComparisonTests {
    private func profile(
        _ rules: [OCISeccompProfile.Rule], default action: OCISeccompProfile.Action = .errno,
        architectures: [FilterArchitecture] = [.x86_64]
    ) -> OCISeccompProfile {
        OCISeccompProfile(
            defaultAction: action, defaultErrnoRet: action == .errno ? 38 : nil, architectures: architectures,
            syscalls: rules)
    }

    private func compare(_ old: OCISeccompProfile, _ new: OCISeccompProfile) -> ProfileComparison {
        ProfileComparison(from: old, to: new, machine: .x86_64)
    }

    @Test("added, removed and otherwise refused calls are told apart, graver ones first")
    func kinds() {
        let old = profile([.init(names: ["read", "write", "brk"], action: .allow)])
        let new = profile([
            .init(names: ["read", "socket", "ptrace", "splice"], action: .allow),
            .init(names: ["mount"], action: .errno, errnoRet: 1),
        ])
        let difference = compare(old, new)
        #expect(difference.entries(.added).map(\.call) == ["ptrace", "splice", "socket"])
        #expect(difference.entries(.added).map(\.tier) == [.never, .notable, nil])
        #expect(difference.entries(.removed).map(\.call) == ["brk", "write"])
        #expect(difference.entries(.answer).map(\.call) == ["mount"])
        #expect(difference.news().map(\.call) == ["ptrace", "splice", "socket"])
        #expect(difference.news(upTo: .justified).map(\.call) == ["ptrace"])
        #expect(compare(new, old).news().map(\.call) == ["brk", "write"])
    }

    @Test("conditions are compared as sets, and what is looser is known")
    func conditions() {
        func socket(_ families: [UInt64]) -> OCISeccompProfile {
            profile(
                families.map {
                    .init(names: ["socket"], action: .allow, args: [.masked(0, mask: 0xFFFF_FFFF, equals: $0)])
                })
        }
        #expect(compare(socket([1, 2]), socket([2, 1])).isEmpty)
        #expect(compare(socket([1]), socket([1, 2])).news().map(\.call) == ["socket"])
        let tighter = compare(socket([1, 2]), socket([1]))
        #expect(tighter.entries.map(\.change) == [.conditional] && tighter.news().isEmpty)
        let open = profile([.init(names: ["socket"], action: .allow)])
        #expect(compare(socket([1]), open).news().map(\.call) == ["socket"])
        #expect(compare(open, socket([1])).news().isEmpty)
        // A list of what is refused, that becomes shorter.
        func except(_ families: [UInt64]) -> OCISeccompProfile {
            profile(
                families.map {
                    .init(names: ["socket"], action: .errno, errnoRet: 1, args: [.masked(0, mask: 255, equals: $0)])
                }, default: .allow)
        }
        #expect(compare(except([16, 17]), except([16])).news().map(\.call) == ["socket"])
        #expect(compare(except([16]), except([16, 17])).news().isEmpty)
    }

    @Test("a default that allows opens every call of the architectures")
    func permissive() {
        let difference = compare(profile([.init(names: ["read"], action: .allow)]), profile([], default: .allow))
        #expect(difference.news(upTo: .never).contains { $0.call == "bpf" })
        #expect(difference.entries(.added).count > 300 && !difference.news().contains { $0.call == "read" })
    }

    @Test("architectures count, names of other machines and rules that repeat the default do not")
    func architectures() {
        let native = profile([.init(names: ["read"], action: .allow)])
        let both = profile([.init(names: ["read"], action: .allow)], architectures: [.x86_64, .x86])
        let difference = compare(native, both)
        #expect(!difference.isEmpty && difference.entries.isEmpty && difference.addedArchitectures == [.x86])
        #expect(compare(both, native).removedArchitectures == [.x86])
        let noise = profile([
            .init(names: ["read", "cacheflush", "s390_runtime_instr"], action: .allow),
            .init(names: ["write"], action: .errno, errnoRet: 38),
        ])
        #expect(compare(native, noise).isEmpty)
        // A 32-bit name in a profile without 32-bit programs opens nothing, though the other one has them.
        let named = profile([.init(names: ["read", "sigsuspend"], action: .allow)])
        #expect(compare(both, named).news().isEmpty && compare(named, both).news().isEmpty)
        #expect(compare(named, both).entries.allSatisfy { $0.change == .answer })
    }

    @Test("a behaviour profile asks for what the workload and sessions did, with who did it, and not for the set-up")
    func observed() {
        let behaviour = SampleProfile.make(
            workload: ["read", "ptrace", "#900"], compat: ["write"], filteredSetup: ["capset"])
        let observed = ObservedProfile(behaviour)
        #expect(observed.profile.architectures == [.x86_64, .x86])
        #expect(observed.profile.syscalls.map(\.names) == [["ptrace", "read", "write"]])
        #expect(observed.users == ["ptrace": ["/usr/bin/web"], "read": ["/usr/bin/web"], "write": ["/usr/bin/old"]])
    }

    @Test("for random profiles a difference is what the policy answers otherwise, and mirrors")
    func random() throws {
        var generator = SeededGenerator(seed: 11)
        let names = CallCatalog.names(on: .x86_64).filter { SyscallTable.table(.native, on: .x86_64).number($0) != nil }
        for _ in 0..<40 {
            func make() -> OCISeccompProfile {
                profile([.init(names: names.shuffled(using: &generator).prefix(60).sorted(), action: .allow)])
            }
            let (old, new) = (make(), make())
            let difference = compare(old, new)
            let mirrored = compare(new, old)
            #expect(difference.entries(.added).map(\.call) == mirrored.entries(.removed).map(\.call))
            let (before, after) = (FilterPolicy(old, machine: .x86_64), FilterPolicy(new, machine: .x86_64))
            var added: Set<String> = []
            for call in names {
                let number = Int32(try #require(SyscallTable.table(.native, on: .x86_64).number(call)))
                let probe = FilterPolicy.Call(auditArchitecture: 0xC000_003E, number: number)
                if before.action(for: probe) != .allow, after.action(for: probe) == .allow { added.insert(call) }
            }
            #expect(Set(difference.entries(.added).map(\.call)) == added)
        }
    }
}
