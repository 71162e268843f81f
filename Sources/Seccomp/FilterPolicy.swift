// SPDX-License-Identifier: Apache-2.0
package import Events

/// What a profile means, worked out without libseccomp: the answer to one call. The judge of compiled filters.
///
/// One list of names holds for every listed architecture, so a call learned in the 32-bit ABI is open in the native one
/// too (where it exists). A rule without conditions decides alone; else the first rule with a condition that holds;
/// else the default. Two actions for one call whose conditions overlap have no agreed meaning: `ambiguousCalls`.
package struct FilterPolicy: Sendable {
    /// What libseccomp and so runc answer to an architecture that is not listed: SCMP_FLTATR_ACT_BADARCH's default.
    package static let otherArchitecture = FilterAction.killThread

    /// A call as a filter sees it, `struct seccomp_data` of seccomp(2) without the instruction pointer.
    package struct Call: Equatable, Sendable {
        package var auditArchitecture: UInt32
        package var number: Int32
        package var arguments: InlineArray<6, UInt64>

        package init(auditArchitecture: UInt32, number: Int32, arguments: [UInt64] = []) {
            self.auditArchitecture = auditArchitecture
            self.number = number
            self.arguments = InlineArray { $0 < arguments.count ? arguments[$0] : 0 }
        }

        package static func == (left: Call, right: Call) -> Bool {
            left.auditArchitecture == right.auditArchitecture && left.number == right.number
                && (0..<6).allSatisfy { left.arguments[$0] == right.arguments[$0] }
        }
    }

    /// The rules of one call.
    private struct Verdicts {
        var unconditional: FilterAction?
        var conditional: [(conditions: [OCISeccompProfile.Argument], action: FilterAction)] = []

        func action(_ call: Call, narrow: Bool) -> FilterAction? {
            if let unconditional { return unconditional }
            return conditional.first { $0.conditions.allSatisfy { $0.holds(for: call, narrow: narrow) } }?.action
        }
    }

    private struct Table {
        var byNumber: [Int32: Verdicts] = [:]
        /// socketcall(2) and ipc(2) by number, then by their first argument.
        var multiplexed: [Int32: [UInt64: Verdicts]] = [:]
    }

    private let tables: [FilterArchitecture: Table]
    private let defaultAction: FilterAction
    /// The architectures that are answered by rules, the machine's own among them whether listed or not.
    package let architectures: [FilterArchitecture]
    /// Calls that are given two different actions, sorted; harmless only where the conditions exclude each other.
    package let ambiguousCalls: [String]

    /// The meaning of `profile` on `machine`, whose native architecture a runtime always adds.
    package init(_ profile: OCISeccompProfile, machine: Architecture = .current) {
        let native: FilterArchitecture = machine == .arm64 ? .aarch64 : .x86_64
        let listed = Set(profile.architectures + [native]).sorted()
        architectures = listed
        defaultAction = profile.defaultFilterAction
        var rules: [String: Verdicts] = [:]
        var ambiguous: Set<String> = []
        for rule in profile.syscalls where rule.filterAction != profile.defaultFilterAction {
            for name in rule.names {
                var verdicts = rules[name] ?? Verdicts()
                let others = [verdicts.unconditional].compactMap(\.self) + verdicts.conditional.map(\.action)
                if others.contains(where: { $0 != rule.filterAction }) { ambiguous.insert(name) }
                for conditions in rule.alternatives {
                    if conditions.isEmpty {
                        verdicts.unconditional = verdicts.unconditional ?? rule.filterAction
                    } else {
                        verdicts.conditional.append((conditions, rule.filterAction))
                    }
                }
                rules[name] = verdicts
            }
        }
        ambiguousCalls = ambiguous.sorted()
        var tables: [FilterArchitecture: Table] = [:]
        for architecture in listed {
            let names = SyscallTable.table(architecture.abi, on: architecture.machine)
            var table = Table()
            for (name, verdicts) in rules {
                guard let number = names.number(name), !name.hasPrefix("#") else { continue }
                table.byNumber[Int32(truncatingIfNeeded: number) | architecture.numberBit] = verdicts
            }
            if architecture == .x86 {
                for (call, place) in MultiplexedCall.all {
                    guard let verdicts = rules[call], let number = names.number(place.gate) else { continue }
                    // The sub-call's own arguments lie behind a pointer: its conditions cannot be asked.
                    let action = verdicts.unconditional ?? verdicts.conditional.first?.action
                    table.multiplexed[Int32(number), default: [:]][place.subcall] = Verdicts(unconditional: action)
                }
            }
            tables[architecture] = table
        }
        self.tables = tables
    }

    /// The intended answer to `call`.
    package func action(for call: Call) -> FilterAction {
        guard let (architecture, table) = table(for: call) else { return Self.otherArchitecture }
        let narrow = architecture.hasNarrowArguments
        if let verdicts = table.byNumber[call.number] {
            if let action = verdicts.action(call, narrow: narrow) { return action }
        } else if let gate = table.multiplexed[call.number] {
            return gate[call.arguments[0] & 0xFFFF_FFFF]?.unconditional ?? defaultAction
        }
        return defaultAction
    }

    /// The numbers of an `AUDIT_ARCH_*` value that rules name, ascending: all others get the answer to calls without a rule.
    func ruledNumbers(of auditArchitecture: UInt32) -> [UInt32] {
        let own = architectures.filter { $0.auditArchitecture == auditArchitecture }.compactMap { tables[$0] }
        return Set(own.flatMap { Array($0.byNumber.keys) + Array($0.multiplexed.keys) }).map { UInt32(bitPattern: $0) }
            .sorted()
    }

    private func table(for call: Call) -> (FilterArchitecture, Table)? {
        for architecture in architectures where architecture.auditArchitecture == call.auditArchitecture {
            // x86_64 and x32 share an AUDIT_ARCH; the bit in the number tells them apart, for libseccomp every number from
            // there on. -1 is a call that a tracer skipped: it is left to x86_64's default.
            let isX32 = UInt32(bitPattern: call.number) >= 0x4000_0000 && call.number != -1
            if architecture == .x86_64, isX32 { continue }
            if architecture == .x32, !isX32 { continue }
            guard let table = tables[architecture] else { continue }
            return (architecture, table)
        }
        return nil
    }
}

extension OCISeccompProfile.Argument {
    /// Whether the condition holds; a narrow architecture's registers have 32 bits.
    func holds(for call: FilterPolicy.Call, narrow: Bool) -> Bool { holds(call.arguments[index], narrow: narrow) }

    /// Whether it holds for a register's content.
    func holds(_ register: UInt64, narrow: Bool) -> Bool {
        let width: UInt64 = narrow ? 0xFFFF_FFFF : .max
        let argument = register & width
        let value = value & width
        return switch op {
        case .equal: argument == value
        case .notEqual: argument != value
        case .less: argument < value
        case .lessOrEqual: argument <= value
        case .greater: argument > value
        case .greaterOrEqual: argument >= value
        case .maskedEqual: argument & value == (valueTwo ?? 0) & width
        }
    }
}
