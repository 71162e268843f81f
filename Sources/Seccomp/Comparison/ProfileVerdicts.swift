// SPDX-License-Identifier: Apache-2.0

/// What a profile answers to each call by name. One list of names holds for all its architectures.
package struct ProfileVerdicts: Sendable {
    /// The answer to calls without a rule.
    package let other: CallVerdict
    private var byName: [String: CallVerdict] = [:]

    package init(_ profile: OCISeccompProfile) {
        let defaultAction = profile.defaultFilterAction
        other = .always(defaultAction)
        var rules: [String: [OCISeccompProfile.Rule]] = [:]
        // As runtimes do: a rule whose action is the default says nothing.
        for rule in profile.syscalls where rule.filterAction != defaultAction {
            for name in rule.names { rules[name, default: []].append(rule) }
        }
        byName = rules.mapValues { Self.verdict($0, defaultAction) }
    }

    /// The answer to `call`.
    package func verdict(of call: String) -> CallVerdict { byName[call] ?? other }

    /// Every call with a rule.
    package var names: Set<String> { Set(byName.keys) }

    /// The calls that reach the kernel with some arguments, by rule.
    package var open: Set<String> { Set(byName.filter { $0.value.isOpen }.keys) }

    private static func verdict(_ rules: [OCISeccompProfile.Rule], _ defaultAction: FilterAction) -> CallVerdict {
        if let whole = rules.first(where: { $0.alternatives.contains([]) }) { return .always(whole.filterAction) }
        var branches: Set<CallVerdict.Branch> = []
        for rule in rules {
            for conditions in rule.alternatives {
                branches.insert(
                    CallVerdict.Branch(
                        condition: conditions.map(\.text).joined(separator: " and "), action: rule.filterAction))
            }
        }
        let isOpen = branches.contains { $0.action.reachesKernel }
        guard isOpen || defaultAction.reachesKernel else {
            // Whatever the arguments are, it is refused: with the error of its first rule.
            return .always(rules.first?.filterAction ?? defaultAction)
        }
        let ordered = branches.sorted { ($0.action.shortText, $0.condition) < ($1.action.shortText, $1.condition) }
        return .conditional(ordered, otherwise: defaultAction)
    }
}

extension OCISeccompProfile.Argument {
    /// `arg0 & 0x7e020000 == 0`.
    var text: String {
        func number(_ value: UInt64) -> String { value < 10 ? String(value) : "0x" + String(value, radix: 16) }
        let name = "arg\(index)"
        return switch op {
        case .equal: "\(name) == \(number(value))"
        case .notEqual: "\(name) != \(number(value))"
        case .less: "\(name) < \(number(value))"
        case .lessOrEqual: "\(name) <= \(number(value))"
        case .greater: "\(name) > \(number(value))"
        case .greaterOrEqual: "\(name) >= \(number(value))"
        case .maskedEqual: "\(name) & \(number(value)) == \(number(valueTwo ?? 0))"
        }
    }
}
