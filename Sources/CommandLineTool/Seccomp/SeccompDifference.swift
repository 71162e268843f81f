// SPDX-License-Identifier: Apache-2.0
import Control
import Profiles
import Seccomp

/// The comparison of two operands, as people and scripts read it.
struct SeccompDifference {
    let comparison: ProfileComparison
    private let old: SeccompOperand
    private let new: SeccompOperand

    init(_ old: SeccompOperand, _ new: SeccompOperand) {
        self.old = old
        self.new = new
        comparison = ProfileComparison(from: old.profile, to: new.profile)
    }

    /// A behaviour profile says what was seen, not how the rest is to fail.
    private var comparesAnswers: Bool {
        for operand in [old, new] { if case .behaviour = operand.kind { return false } }
        return true
    }

    /// Whether both mean the same.
    var isEmpty: Bool {
        guard !comparesAnswers else { return comparison.isEmpty }
        return comparison.entries.allSatisfy { $0.change == .answer } && comparison.addedArchitectures.isEmpty
            && comparison.removedArchitectures.isEmpty
    }

    /// Whether the new one lets something pass that the old one does not.
    var hasNews: Bool { !comparison.news().isEmpty || !comparison.addedArchitectures.isEmpty }

    func lines(all: Bool, on terminal: Terminal) -> [String] {
        guard !isEmpty else { return ["\(old.name) and \(new.name) let the same calls pass"] }
        var lines: [String] = []
        let added = comparison.entries(.added)
        if !added.isEmpty {
            lines.append("\(NumberText.counted(added.count, "call")) added by \(new.name):")
            lines += added.map { entry in
                let who = users(entry.call)
                return terminal.styled("  + \(entry.call)", entry.tier.map { $0 < .notable } == true ? .red : .yellow)
                    + tier(entry) + (entry.new == "allow" ? "" : ": \(entry.new)")
                    + (who.isEmpty ? "" : ", made by \(who.joined(separator: ", "))")
            }
        }
        let changed = comparison.entries(.conditional)
        if !changed.isEmpty {
            lines.append("\(NumberText.counted(changed.count, "call")) under other conditions:")
            for entry in changed {
                lines.append("  ~ \(entry.call)\(tier(entry))\(entry.isLooser ? "" : ", tighter")")
                lines += ["      was: \(entry.old)", "      is:  \(entry.new)"]
            }
        }
        lines += removed(all: all, on: terminal)
        if comparesAnswers {
            let answers = comparison.entries(.answer)
            if !answers.isEmpty { lines.append("\(NumberText.counted(answers.count, "refused call")) fail otherwise") }
            if comparison.oldDefault != comparison.newDefault {
                lines.append(
                    "calls that neither names: \(comparison.oldDefault.shortText), now \(comparison.newDefault.shortText)"
                )
            }
        }
        for architecture in comparison.addedArchitectures { lines.append("  + architecture \(architecture.rawValue)") }
        for architecture in comparison.removedArchitectures {
            lines.append("  - architecture \(architecture.rawValue)")
        }
        return lines
    }

    /// What is gone: dangerous calls a line each, the others in one list.
    private func removed(all: Bool, on terminal: Terminal) -> [String] {
        let entries = comparison.entries(.removed)
        guard !entries.isEmpty else { return [] }
        var lines = ["\(NumberText.counted(entries.count, "call")) of \(old.name) removed:"]
        for tier in NeverAllow.Tier.allCases {
            let names = entries.filter { $0.tier == tier }.map(\.call)
            if !names.isEmpty { lines += WrappedNames.lines("  - tier \(tier.rawValue): ", names, limit: nil) }
        }
        let rest = entries.filter { $0.tier == nil }.map(\.call)
        return lines + WrappedNames.lines("  - ", rest, limit: all ? nil : 32)
    }

    private func users(_ call: String) -> [String] { new.users[call] ?? [] }

    private func tier(_ entry: ProfileComparison.Entry) -> String {
        guard let tier = entry.tier else { return "" }
        return " (tier \(tier.rawValue): \(NeverAllow.reason(for: entry.call) ?? ""))"
    }

    var json: JSONValue {
        func list(_ change: ProfileComparison.Change) -> JSONValue {
            .array(
                comparison.entries(change).map { entry in
                    [
                        "call": .string(entry.call), "tier": .integer(Int64(entry.tier?.rawValue ?? 3)),
                        "old": .string(entry.old), "new": .string(entry.new), "looser": .bool(entry.isLooser),
                        "usedBy": .array(users(entry.call).map { .string($0) }),
                    ]
                })
        }
        return [
            "schema": "ringfence.seccomp-diff/v1", "old": .string(old.name), "new": .string(new.name),
            "same": .bool(isEmpty), "letsMorePass": .bool(hasNews), "added": list(.added), "removed": list(.removed),
            "conditional": list(.conditional), "answers": comparesAnswers ? list(.answer) : [],
            "addedArchitectures": .array(comparison.addedArchitectures.map { .string($0.rawValue) }),
            "removedArchitectures": .array(comparison.removedArchitectures.map { .string($0.rawValue) }),
            "ignored": .array((old.ignored + new.ignored).map { .string($0) }),
        ]
    }
}
