// SPDX-License-Identifier: Apache-2.0
internal import Events
package import Profiles

/// What a seccomp profile would have denied of what a behaviour profile knows.
package struct Simulation: Equatable, Sendable {
    /// One use of a call that does not reach the kernel, or may not.
    package struct Denial: Equatable, Sendable {
        package let abi: String
        package let call: String
        /// The values of the argument that decides: `AF_INET6`, `CLONE_NEWUSER|SIGCHLD`; empty where none does.
        package let values: [String]
        /// Phases by name, in the order of a container's life.
        package let phases: [String]
        /// What the filter answers: `EPERM`, `kill`; the conditions where they cannot be decided.
        package let answer: String
        /// Path and count (0: not counted) of those who made the call, whatever the values.
        package let executables: [String: UInt64]
        /// In how many runs, at most.
        package let runs: Int
        package let kind: Kind
    }

    package enum Kind: String, Sendable, CaseIterable {
        /// It fails, or kills.
        case denied
        /// It answers ENOSYS, and programs do something else that is allowed.
        case fallback
        /// Conditions decide on arguments that were not recorded.
        case undecided
    }

    /// By kind, then by ABI and name.
    package let denials: [Denial]
    /// Uses that were judged: a call of an ABI in a phase.
    package let uses: Int

    /// Judges everything of `behaviour` that runs under a filter: the workload, exec sessions, and the runtime once the
    /// filter is active.
    package init(_ profile: OCISeccompProfile, against behaviour: BehaviourProfile) {
        let judge = SimulationJudge(profile, behaviour)
        var denials: [Denial] = []
        var uses = 0
        for (abi, calls) in behaviour.calls.sorted(by: { $0.key < $1.key }) {
            for (call, evidence) in calls.sorted(by: { $0.key < $1.key }) {
                let phases = SimulationJudge.phases.filter { evidence.phases[$0.name] != nil }
                uses += phases.count
                denials += judge.denials(call, abi: abi, evidence, phases)
            }
        }
        self.denials = denials.enumerated().sorted {
            (Self.place($0.element.kind), $0.offset) < (Self.place($1.element.kind), $1.offset)
        }.map(\.element)
        self.uses = uses
    }

    private static func place(_ kind: Kind) -> Int { Kind.allCases.firstIndex(of: kind) ?? 0 }

    /// Those of one kind.
    package func denials(_ kind: Kind) -> [Denial] { denials.filter { $0.kind == kind } }
}
