// SPDX-License-Identifier: Apache-2.0
package import Events

/// What a profile answers to every call of a machine: the calls of each architecture by answer.
package struct VerdictTable: Equatable, Sendable {
    /// One answer.
    package struct Row: Equatable, Sendable {
        /// `allow`, `allow or EPERM` where conditions decide, `ENOSYS`, ...
        package let answer: String
        /// The calls of each architecture, by number; architectures without one are left out.
        package let calls: [FilterArchitecture: [String]]
    }

    /// What is let through first.
    package let rows: [Row]
    /// The listed ones, the machine's own first.
    package let architectures: [FilterArchitecture]
    /// The answer to a number that no kernel has.
    package let unknownNumber: FilterAction
    /// The answer to calls of an architecture that is not listed.
    package let otherArchitecture: FilterAction

    package init(_ profile: OCISeccompProfile, machine: Architecture = .current) {
        let verdicts = ProfileVerdicts(profile)
        let policy = FilterPolicy(profile, machine: machine)
        let listed = policy.architectures.filter { $0.machine == machine }
            .sorted { ($0.abi == .native ? 0 : 1, $0) < ($1.abi == .native ? 0 : 1, $1) }
        var byAnswer: [String: [FilterArchitecture: [String]]] = [:]
        var isOpen: [String: Int] = [:]
        for architecture in listed {
            for (_, call) in SyscallTable.table(architecture.abi, on: machine).entries {
                let verdict = verdicts.verdict(of: call)
                let answer = Self.answer(verdict)
                byAnswer[answer, default: [:]][architecture, default: []].append(call)
                isOpen[answer] = verdict.isFullyOpen ? 0 : verdict.isOpen ? 1 : 2
            }
        }
        rows = byAnswer.map { Row(answer: $0.key, calls: $0.value) }
            .sorted { (isOpen[$0.answer] ?? 2, $0.answer) < (isOpen[$1.answer] ?? 2, $1.answer) }
        architectures = listed
        let native = listed.first ?? .x86_64
        unknownNumber = policy.action(for: .init(auditArchitecture: native.auditArchitecture, number: 600))
        otherArchitecture = FilterPolicy.otherArchitecture
    }

    private static func answer(_ verdict: CallVerdict) -> String {
        guard case .conditional(let branches, let otherwise) = verdict else { return verdict.description }
        let actions = Set(branches.map(\.action) + [otherwise])
        return actions.sorted { ($0.reachesKernel ? 0 : 1, $0.shortText) < ($1.reachesKernel ? 0 : 1, $1.shortText) }
            .map(\.shortText).joined(separator: " or ")
    }
}
