// SPDX-License-Identifier: Apache-2.0
internal import Events
package import FoundationEssentials
internal import Platform
package import Profiles

/// Why a call is in a profile: everything that is known about it.
package struct CallStory: Equatable, Sendable {
    package let call: String
    /// Nil for an ordinary call.
    package let tier: NeverAllow.Tier?
    package let reason: String?
    package let cves: [CallCVEs.Entry]
    /// Why it is allowed, as in the evidence (`learned`, `runtime (list)`, ...); empty where that is not known.
    package internal(set) var sources: [String] = []
    package internal(set) var abis: [String] = []
    /// By name, in the order of a container's life.
    package internal(set) var phases: [String] = []
    /// Path and count (0: not counted).
    package internal(set) var executables: [String: UInt64] = [:]
    /// In how many runs it was seen at most; 0 if it was never.
    package internal(set) var runs = 0
    package internal(set) var first: Date?
    package internal(set) var last: Date?
    /// Why it waits for review; nil if it does not.
    package internal(set) var held: String?
    /// What programs use in its place if it answers ENOSYS; nil where nothing is known of that.
    package let fallbacks: [String]?

    /// What is known of `call` without a profile.
    package init(_ call: String) {
        self.call = call
        tier = NeverAllow.tier(of: call)
        reason = NeverAllow.reason(for: call)
        cves = CallCVEs.of(call)
        fallbacks = CallLists.fallbacks[call]
    }

    /// With what a behaviour profile says, all phases included.
    package init(_ call: String, in behaviour: BehaviourProfile) {
        self.init(call)
        for (abi, calls) in behaviour.calls.sorted(by: { $0.key < $1.key }) {
            guard let evidence = calls[call] else { continue }
            abis.append(abi)
            held = held ?? evidence.held
            for phase in Phase.allCases {
                guard let use = evidence.phases[phase.name] else { continue }
                add(phase.name, use.executables, runs: use.runs, first: use.first, last: use.last)
            }
        }
    }

    /// With what was noted beside a generated profile.
    package init(_ call: String, in evidence: GeneratedProfile.Evidence) {
        self.init(call)
        guard let known = evidence.calls.first(where: { $0.call == call }) else { return }
        sources = known.sources
        abis = known.abis
        phases = known.phases
        executables = known.executables
        runs = known.runs
        first = known.first
        last = known.last
    }

    private mutating func add(
        _ phase: String, _ users: [String: UInt64], runs count: Int, first start: Date, last end: Date
    ) {
        if !phases.contains(phase) { phases.append(phase) }
        executables.merge(users) { $0.saturatingSum($1) }
        runs = max(runs, count)
        first = first.map { min($0, start) } ?? start
        last = last.map { max($0, end) } ?? end
    }

    /// Whether anybody was seen to make it.
    package var isSeen: Bool { runs > 0 }
}
