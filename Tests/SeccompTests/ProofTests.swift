// SPDX-License-Identifier: Apache-2.0
import Events
import TestSupport
import Testing

@testable import Seccomp

@Suite("Proof of filters")
struct ProofTests {
    private static let calls = [
        "read", "write", "openat", "socket", "clone", "personality", "ioctl", "prctl", "fcntl", "mmap", "mprotect",
        "kill", "tgkill", "setns", "keyctl", "futex", "accept4", "shmget", "semop", "execve", "getpid", "statx",
        "vfork",
    ]

    private static func random(_ generator: inout SeededGenerator) -> UInt64 {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: UInt64.random(in: 0..<8, using: &generator)
        case 1: UInt64.random(in: 0...0xFFFF_FFFF, using: &generator)
        case 2: 1 << UInt64.random(in: 0..<64, using: &generator)
        case 3: [0, .max, 0xFFFF_FFFF, 0x1_0000_0000, 0x8000_0000].randomElement(using: &generator) ?? 0
        default: generator.next()
        }
    }

    private static func ruleSet(_ generator: inout SeededGenerator) -> OCISeccompProfile {
        var profile = OCISeccompProfile(defaultAction: .errno, defaultErrnoRet: 38, architectures: [.x86_64])
        if Bool.random(using: &generator) { profile.architectures.append(.x86) }
        if Bool.random(using: &generator) { profile.architectures.append(.x32) }
        // Every profile allows some call without conditions. Without one, libseccomp 2.5.4 forgets to load the number where
        // a call that i386 has behind ipc alone (semop) comes first: all of i386 then gets the default.
        profile.syscalls.append(.init(names: ["exit_group"], action: .allow))
        for name in calls.shuffled(using: &generator).prefix(Int.random(in: 1...8, using: &generator)) {
            let allows = Bool.random(using: &generator)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                var indices = Array(0..<6).shuffled(using: &generator)
                indices.removeLast(Int.random(in: 3...6, using: &generator))
                let arguments = indices.map { index -> OCISeccompProfile.Argument in
                    let value = random(&generator)
                    guard Bool.random(using: &generator) else {
                        return .init(index: index, value: value, op: .equal)
                    }
                    return .masked(index, mask: value, equals: random(&generator) & value)
                }
                profile.syscalls.append(
                    .init(
                        names: [name], action: allows ? .allow : .errno, errnoRet: allows ? nil : 1,
                        args: arguments.isEmpty ? nil : arguments))
            }
        }
        return profile
    }

    /// Calls at and around the rules of `profile`.
    private static func samples(
        _ profile: OCISeccompProfile, _ generator: inout SeededGenerator
    ) -> [FilterPolicy.Call] {
        var samples: [FilterPolicy.Call] = []
        for architecture in [FilterArchitecture.x86_64, .x86, .x32] {
            let table = SyscallTable.table(architecture.abi, on: .x86_64)
            for rule in profile.syscalls {
                guard let number = rule.names.first.flatMap({ table.number($0) }) else { continue }
                for _ in 0..<6 {
                    var arguments = (0..<6).map { _ in random(&generator) }
                    for argument in rule.args ?? [] where Int.random(in: 0..<8, using: &generator) > 0 {
                        let free = argument.op == .equal ? 0 : random(&generator) & ~argument.value
                        arguments[argument.index] = (argument.valueTwo ?? argument.value) | free
                        if Int.random(in: 0..<6, using: &generator) == 0 {
                            arguments[argument.index] ^= 1 << UInt64.random(in: 0..<64, using: &generator)
                        }
                    }
                    samples.append(
                        .init(
                            auditArchitecture: architecture.auditArchitecture,
                            number: Int32(number) | architecture.numberBit, arguments: arguments))
                }
            }
            for _ in 0..<6 {
                let number = Int32.random(in: -2...500, using: &generator) | architecture.numberBit
                samples.append(.init(auditArchitecture: architecture.auditArchitecture, number: number))
            }
        }
        return samples
    }

    @Test("2,400 random rule sets of EQ and MASKED_EQ mean the same to libseccomp and to the policy")
    func randomRuleSets() throws {
        var generator = SeededGenerator(seed: 20_240_611)
        var compared = 0
        for round in 0..<2400 {
            let profile = Self.ruleSet(&generator)
            let policy = FilterPolicy(profile, machine: .x86_64)
            let filter = try CompiledFilter(profile, machine: .x86_64, binaryTree: round % 3 == 0)
            for call in Self.samples(profile, &generator) {
                compared += 1
                let (actual, intended) = (filter.action(for: call), policy.action(for: call))
                guard actual != intended else { continue }
                Issue.record("round \(round), \(call): \(actual), meant \(intended), \(profile)")
                return
            }
        }
        #expect(compared > 100_000)
    }

    @Test("the proof compares every number of every ABI in every form, and finds nothing in generated profiles")
    func generated() throws {
        var generator = SeededGenerator(seed: 7)
        let names = CallCatalog.names(on: .x86_64)
        for round in 0..<4 {
            let workload = names.shuffled(using: &generator).prefix(100)
            let compat = round % 2 == 0 ? [] : CallCatalog.names(on: .x86).shuffled(using: &generator).prefix(60)
            let generated = try SeccompGenerator.generate(
                SampleProfile.make(workload: Array(workload), compat: Array(compat)))
            let proof = try FilterProof(of: generated.oci, machine: .x86_64)
            #expect(proof.mismatch == nil)
            #expect(proof.comparisons > 9000)
            #expect(proof.instructions.keys.sorted() == ["Docker 20.10", "crun", "runc"])
        }
    }

    @Test("the proof finds a filter that libseccomp compiles to something else than the profile means")
    func mismatch() throws {
        // A later action for the same call is dropped by libseccomp; the policy lets the first condition decide.
        let profile = OCISeccompProfile(
            defaultAction: .errno, architectures: [.x86_64],
            syscalls: [
                .init(names: ["read"], action: .allow, args: [.masked(0, mask: 1, equals: 1)]),
                .init(names: ["read"], action: .killThread, args: [.masked(0, mask: 3, equals: 3)]),
            ])
        let policy = FilterPolicy(profile, machine: .x86_64)
        #expect(policy.ambiguousCalls == ["read"])
        let proof = try FilterProof(of: profile, machine: .x86_64)
        let mismatch = try #require(proof.mismatch)
        #expect(mismatch.contains("x86_64 call 0 (read) with (0x3, "))
        #expect(throws: SeccompError.self) { try proof.check(subject: "x.json") }
    }

    @Test("a filter followed for whole ranges of numbers answers as one that is run call by call, in both shapes")
    func branches() throws {
        var generator = SeededGenerator(seed: 11)
        let names = CallCatalog.names(on: .x86_64).filter { !Self.calls.contains($0) && $0 != "exit_group" }
        for round in 0..<24 {
            var profile = Self.ruleSet(&generator)
            profile.syscalls.append(
                .init(names: Array(names.shuffled(using: &generator).prefix(round * 16)), action: .log))
            let (chain, tree) = try CompiledFilter.shapes(of: profile, machine: .x86_64, subject: "random")
            #expect(chain.bytes == (try CompiledFilter(profile, machine: .x86_64)).bytes)
            #expect(tree.bytes == (try CompiledFilter(profile, machine: .x86_64, binaryTree: true)).bytes)
            for filter in [chain, tree] {
                for audit: UInt32 in [0xC000_003E, 0x4000_0003, 0xC000_00B7] {
                    let branches = NumberBranches(filter.interpreter, auditArchitecture: audit)
                    #expect(branches.ranges.first?.first == 0 && branches.ranges.last?.last == .max)
                    #expect(zip(branches.ranges, branches.ranges.dropFirst()).allSatisfy { $0.last &+ 1 == $1.first })
                    let edges = branches.ranges.flatMap { [$0.first, $0.last] }
                    for number in edges + (0..<200).map({ _ in UInt32.random(in: 0 ... .max, using: &generator) }) {
                        let arguments = (0..<6).map { _ in Self.random(&generator) }
                        let call = FilterPolicy.Call(
                            auditArchitecture: audit, number: Int32(bitPattern: number), arguments: arguments)
                        guard branches.run(call) != filter.interpreter.run(call) else { continue }
                        Issue.record("round \(round), \(call)")
                        return
                    }
                }
            }
        }
    }

    @Test("a number that no table has is compared too, wherever it is")
    func everyNumber() throws {
        // A filter that answers 123,456,789 apart from its neighbours.
        let filter = try CBPFInterpreter([
            .step(CBPFCode.loadAbsolute, 0), .step(0x15, 123_456_789, jt: 0, jf: 1), .step(CBPFCode.returnConstant, 7),
            .step(CBPFCode.returnConstant, 9),
        ])
        let branches = NumberBranches(filter, auditArchitecture: 0xC000_003E)
        let asked = branches.ranges.flatMap { FilterProof.unruled(in: $0, of: 0xC000_003E, [0, 1, 123_456_790]) }
        #expect(asked.map(\.number) == [2, 123_456_789, 123_456_791, 0x4000_0000, -1])
        #expect(asked.map { branches.run($0) } == [9, 7, 9, 9, 9])
    }

    @Test("two conditions on one argument are alternatives, as for runc")
    func alternatives() throws {
        let profile = OCISeccompProfile(
            defaultAction: .errno, architectures: [.x86_64],
            syscalls: [
                .init(
                    names: ["read"], action: .allow,
                    args: [.init(index: 0, value: 3, op: .equal), .init(index: 0, value: 5, op: .equal)])
            ])
        let filter = try CompiledFilter(profile, machine: .x86_64)
        let policy = FilterPolicy(profile, machine: .x86_64)
        for value in UInt64(0)..<8 {
            let call = FilterPolicy.Call(auditArchitecture: 0xC000_003E, number: 0, arguments: [value])
            #expect(filter.action(for: call) == (value == 3 || value == 5 ? .allow : .errno(1)))
            #expect(policy.action(for: call) == filter.action(for: call))
        }
    }
}
