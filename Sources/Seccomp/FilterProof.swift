// SPDX-License-Identifier: Apache-2.0
package import Events
internal import Platform

/// The comparison of compiled filters with what their profile means, call by call. Made before a profile is written.
package struct FilterProof: Equatable, Sendable {
    /// Calls compared, over all compiled forms.
    package private(set) var comparisons = 0
    /// The instructions of each compiled form, by its name.
    package private(set) var instructions: [String: Int] = [:]
    /// The first disagreement, in a sentence; nil if there is none.
    package private(set) var mismatch: String?

    /// Compares every form that runtimes make of a generated profile: runc's, crun's (a binary tree), and Docker 20.10's
    /// (the default's number dropped). Beside the calls that are counted, each filter is followed for all other numbers of 32
    /// bits.
    package init(
        of profile: OCISeccompProfile, machine: Architecture = .current, subject: String = "seccomp profile"
    ) throws(SeccompError) {
        let calls = Self.samples(profile, machine: machine)
        let meaning = Meaning(profile, calls, machine)
        let (chain, tree) = try CompiledFilter.shapes(of: profile, machine: machine, subject: subject)
        compare("runc", chain, calls, meaning, machine)
        compare("crun", tree, calls, meaning, machine)
        let old = profile.withoutDefaultErrno
        guard old != profile else { return }
        let filter = try CompiledFilter(old, machine: machine, subject: subject)
        compare("Docker 20.10", filter, calls, Meaning(old, calls, machine), machine)
    }

    /// Throws the disagreement, if there is one.
    package func check(subject: String = "seccomp profile") throws(SeccompError) {
        guard let mismatch else { return }
        throw SeccompError(
            .prove, subject, mismatch, remedy: "do not use this profile; report it with libseccomp's version")
    }

    /// What a profile means for each call.
    private struct Meaning {
        let policy: FilterPolicy
        let intended: [UInt32]

        init(_ profile: OCISeccompProfile, _ calls: [FilterPolicy.Call], _ machine: Architecture) {
            let policy = FilterPolicy(profile, machine: machine)
            self.policy = policy
            intended = calls.map { policy.action(for: $0).returnValue }
        }
    }

    private mutating func compare(
        _ form: String, _ filter: CompiledFilter, _ calls: [FilterPolicy.Call], _ meaning: Meaning,
        _ machine: Architecture
    ) {
        instructions[form] = filter.program.count
        var all: [UInt32: NumberBranches] = [:]
        var branches: NumberBranches?
        var audit: UInt32?
        for (call, intended) in zip(calls, meaning.intended) {
            comparisons += 1
            if call.auditArchitecture != audit || branches == nil {
                audit = call.auditArchitecture
                branches =
                    all[call.auditArchitecture]
                    ?? NumberBranches(filter.interpreter, auditArchitecture: call.auditArchitecture)
                all[call.auditArchitecture] = branches
            }
            guard let actual = branches?.run(call), actual != intended else { continue }
            return note(form, call, actual, intended, machine)
        }
        for (audit, branches) in all.sorted(by: { $0.key < $1.key }) {
            let ruled = meaning.policy.ruledNumbers(of: audit)
            let rest =
                ruled.map { FilterPolicy.Call(auditArchitecture: audit, number: Int32(bitPattern: $0)) }
                + branches.ranges.flatMap { Self.unruled(in: $0, of: audit, ruled) }
            for call in rest {
                let (actual, intended) = (branches.run(call), meaning.policy.action(for: call).returnValue)
                guard actual != intended else { continue }
                return note(form, call, actual, intended, machine)
            }
        }
    }

    private mutating func note(
        _ form: String, _ call: FilterPolicy.Call, _ actual: UInt32, _ intended: UInt32, _ machine: Architecture
    ) {
        guard mismatch == nil else { return }
        mismatch =
            "\(form)'s filter answers \(Self.name(call, machine)) with \"\(FilterAction(returnValue: actual))\" "
            + "where the profile means \"\(FilterAction(returnValue: intended))\""
    }

    /// One call for all numbers of a range that no rule names; one for each part of it where x32 and a skipped call (-1) are
    /// answered apart. The filter treats the numbers of a range alike, and so does the profile those without a rule.
    static func unruled(
        in range: NumberBranches.Range, of audit: UInt32, _ ruled: [UInt32]
    ) -> [FilterPolicy.Call] {
        [(0, 0x3FFF_FFFF), (0x4000_0000, .max - 1), (.max, .max)].compactMap { (first: UInt32, last: UInt32) in
            var number = max(first, range.first)
            let end = min(last, range.last)
            guard number <= end else { return nil }
            for other in ruled.drop(while: { $0 < number }) {
                guard other == number else { break }
                guard number < end else { return nil }
                number += 1
            }
            return FilterPolicy.Call(auditArchitecture: audit, number: Int32(bitPattern: number))
        }
    }

    /// Numbers that no table has: beyond it, around x32's bit, skipped by a tracer (-1), negative.
    private static let oddNumbers: [Int32] = [
        -1, -2, -1023, .min, .max, 1024, 2048, 4095, 0x3FFF_FFFF, 0x4000_0000 + 1024, 0x4000_0000 + 4095, 0xF0001,
        0xF0005, 0x1_0000, 0x0100_0000,
    ]

    /// Every call that is compared: each number of each architecture of the machine, and for calls with conditions each
    /// value that could tell two filters apart.
    static func samples(_ profile: OCISeccompProfile, machine: Architecture) -> [FilterPolicy.Call] {
        let conditions = Dictionary(
            grouping: profile.syscalls.flatMap { rule in
                rule.names.flatMap { name in (rule.args ?? []).map { (name, $0) } }
            }, by: \.0
        ).mapValues { $0.map(\.1) }
        var calls: [FilterPolicy.Call] = []
        for abi in CallABI.allCases {
            guard let architecture = FilterArchitecture(abi, on: machine) else { continue }
            let audit = architecture.auditArchitecture
            for number in 0..<Int32(1024) {
                calls.append(.init(auditArchitecture: audit, number: number | architecture.numberBit))
            }
            for number in oddNumbers { calls.append(.init(auditArchitecture: audit, number: number)) }
            let table = SyscallTable.table(abi, on: machine)
            for (name, list) in conditions.sorted(by: { $0.key < $1.key }) {
                guard let number = table.number(name) else { continue }
                let full = Int32(truncatingIfNeeded: number) | architecture.numberBit
                for arguments in argumentSamples(list) {
                    calls.append(.init(auditArchitecture: audit, number: full, arguments: arguments))
                }
            }
            guard architecture == .x86 else { continue }
            for gate in MultiplexedCall.gates.sorted() {
                guard let number = table.number(gate) else { continue }
                for subcall in 0..<UInt64(32) {
                    calls.append(.init(auditArchitecture: audit, number: Int32(number), arguments: [subcall]))
                }
            }
        }
        for audit: UInt32 in [0, 0x4000_003E, 0xC000_00B7, 0xC000_003E, .max] {
            calls.append(.init(auditArchitecture: audit, number: 0))
        }
        return calls
    }

    /// Argument lists around the conditions' values: each one, its neighbours, its bits one by one, the namespace flags,
    /// the families below 64, all of them also with the upper half of the register filled.
    static func argumentSamples(_ conditions: [OCISeccompProfile.Argument]) -> [[UInt64]] {
        let indices = Set(conditions.map(\.index)).sorted()
        var samples: [[UInt64]] = []
        /// What makes most conditions true at once, the ground that one argument at a time is varied on.
        var ground = [UInt64](repeating: 0, count: 6)
        for condition in conditions.reversed() {
            ground[condition.index] = condition.op == .maskedEqual ? condition.valueTwo ?? 0 : condition.value
        }
        for index in indices {
            var values: Set<UInt64> = [0, 1, .max, 0xFFFF_FFFF, 0x7E02_0000, 0x1200011, 0x3D0F00, 0x8000_0000]
            values.formUnion((0..<64).map { UInt64($0) })
            values.formUnion((6..<32).map { 1 << UInt64($0) })
            for condition in conditions where condition.index == index {
                for value in [condition.value, condition.valueTwo ?? 0] {
                    values.formUnion([value, value &+ 1, value &- 1, ~value, value | 0x1_0000_0000])
                }
            }
            for value in values.sorted() {
                for upper: UInt64 in [0, 0xDEAD_BEEF_0000_0000] {
                    var arguments = ground
                    arguments[index] = value ^ upper
                    samples.append(arguments)
                }
            }
        }
        return samples
    }

    private static func name(_ call: FilterPolicy.Call, _ machine: Architecture) -> String {
        let arguments = (0..<6).map { "0x" + String(call.arguments[$0], radix: 16) }.joined(separator: ", ")
        let isX32 = machine == .x86_64 && call.number >= 0x4000_0000
        let architecture = FilterArchitecture.allCases.first {
            $0.machine == machine && $0.auditArchitecture == call.auditArchitecture && ($0 == .x32) == isX32
        }
        guard let architecture else {
            return "call \(call.number) of architecture 0x\(String(call.auditArchitecture, radix: 16))"
        }
        let table = SyscallTable.table(architecture.abi, on: machine)
        let name = table.name(Int(call.number & ~architecture.numberBit))
        return "\(architecture.abi.name(on: machine)) call \(call.number) (\(name)) with (\(arguments))"
    }
}
