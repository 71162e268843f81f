// SPDX-License-Identifier: Apache-2.0
import Platform

/// How each part of two profiles is joined. All of these give the same for both orders, `grewLate` aside.
extension ProfileMerge {
    static func unite(_ one: CallEvidence, _ other: CallEvidence) -> CallEvidence {
        CallEvidence(phases: one.phases.merging(other.phases, uniquingKeysWith: unite))
    }

    static func unite(_ one: PhaseEvidence, _ other: PhaseEvidence) -> PhaseEvidence {
        PhaseEvidence(
            runs: one.runs.saturatingSum(other.runs), first: min(one.first, other.first),
            last: max(one.last, other.last),
            executables: one.executables.merging(other.executables) { $0.saturatingSum($1) },
            steady: unite(one.steady, other.steady))
    }

    /// Nil only if neither of them watched what this is: peers, credentials.
    static func uniteWatched(
        _ one: [String: CallEvidence]?, _ other: [String: CallEvidence]?
    ) -> [String: CallEvidence]? {
        guard let one, let other else { return one ?? other }
        return one.merging(other, uniquingKeysWith: unite)
    }

    static func unite(_ one: ExecutableEvidence, _ other: ExecutableEvidence) -> ExecutableEvidence {
        ExecutableEvidence(
            runs: one.runs.saturatingSum(other.runs), first: min(one.first, other.first),
            last: max(one.last, other.last),
            phases: Set(one.phases).union(other.phases).sorted(), parents: unite(one.parents, other.parents),
            origins: unite(one.origins, other.origins))
    }

    static func unite(_ one: ParentEvidence, _ other: ParentEvidence) -> ParentEvidence {
        ParentEvidence(
            runs: one.runs.saturatingSum(other.runs), first: min(one.first, other.first),
            last: max(one.last, other.last),
            phases: Set(one.phases).union(other.phases).sorted())
    }

    private static func unite(
        _ one: [String: ParentEvidence]?, _ other: [String: ParentEvidence]?
    ) -> [String: ParentEvidence]? {
        guard let one, let other else { return one ?? other }
        return one.merging(other, uniquingKeysWith: unite)
    }

    private static func unite(_ one: [String]?, _ other: [String]?) -> [String]? {
        guard let one, let other else { return one ?? other }
        return Set(one).union(other).sorted()
    }

    static func unite(_ one: DeniedEvidence, _ other: DeniedEvidence) -> DeniedEvidence {
        DeniedEvidence(
            runs: one.runs.saturatingSum(other.runs), errnos: Set(one.errnos).union(other.errnos).sorted(),
            executables: one.executables.merging(other.executables) { $0.saturatingSum($1) })
    }

    static func unite(
        _ old: [String: ArgumentEvidence], _ new: [String: ArgumentEvidence]
    ) -> [String: ArgumentEvidence] {
        var united: [String: ArgumentEvidence] = [:]
        for name in Set(old.keys).union(new.keys) {
            let nothing = ArgumentEvidence(values: [:], runs: 0)
            united[name] = unite(old[name] ?? nothing, new[name] ?? nothing)
        }
        return united
    }

    /// Of more than 16 values the smallest are kept, so that the order of merging makes no difference to which.
    private static func unite(_ old: ArgumentEvidence, _ new: ArgumentEvidence) -> ArgumentEvidence {
        var united = ArgumentEvidence(
            values: [:], overflowed: old.overflowed || new.overflowed, calls: old.calls.saturatingSum(new.calls),
            runs: old.runs.saturatingSum(new.runs))
        for phase in Set(old.values.keys).union(new.values.keys) {
            let known = Set(old.values[phase] ?? [])
            let values = known.union(new.values[phase] ?? [])
            // Of a list that is full, nobody can tell what earlier runs had beyond it.
            let open = !old.overflowed || known.count < ProfileCheck.valueLimit
            united.grewLate = united.grewLate || (open && values.count > known.count)
            united.overflowed = united.overflowed || values.count > ProfileCheck.valueLimit
            united.values[phase] = Array(values.sorted().prefix(ProfileCheck.valueLimit))
        }
        return united
    }

    static func unite(_ one: ProfileWindow, _ other: ProfileWindow) -> ProfileWindow {
        var events = one.events
        events.add(other.events)
        var united = ProfileWindow(
            start: min(one.start, other.start), end: max(one.end, other.end), runs: one.runs.saturatingSum(other.runs),
            instances: one.instances.saturatingSum(other.instances), counted: one.counted && other.counted,
            partial: Set(one.partial).union(other.partial).sorted(),
            events: events)
        if one.steady == true, other.steady == true { united.steady = true }
        if let left = one.units, let right = other.units { united.units = Set(left).union(right).sorted() }
        return united
    }

    /// The target as the later recording has it, with the digests of both.
    static func uniteTargets(_ one: BehaviourProfile, _ other: BehaviourProfile) -> ProfileTarget {
        let otherIsLater =
            other.window.end != one.window.end
            ? other.window.end > one.window.end : words(one.target).lexicographicallyPrecedes(words(other.target))
        var target = otherIsLater ? other.target : one.target
        target.digests = Set(one.target.digests).union(other.target.digests).sorted()
        return target
    }

    private static func words(_ target: ProfileTarget) -> [String] {
        [target.kind.rawValue, target.name, target.engine ?? "", target.image ?? ""] + target.command
    }

    /// Both lists as one, oldest first, each decision once. Decisions of the same second stay in the order of their list:
    /// the last one counts.
    static func unite(_ one: [ProfileDecision], _ other: [ProfileDecision]) -> [ProfileDecision] {
        var left = inOrder(one)[...]
        var right = inOrder(other)[...]
        var united: [ProfileDecision] = []
        while let first = left.first, let second = right.first {
            if first == second {
                united.append(first)
                left.removeFirst()
                right.removeFirst()
            } else if precedes(first, second) {
                united.append(left.removeFirst())
            } else {
                united.append(right.removeFirst())
            }
        }
        united += left + right
        // A decision that both lists have at different places counts where it was made last.
        var once: [ProfileDecision] = []
        for decision in united.reversed() where !once.contains(decision) { once.append(decision) }
        return once.reversed()
    }

    private static func inOrder(_ decisions: [ProfileDecision]) -> [ProfileDecision] {
        decisions.enumerated().sorted { ($0.element.date, $0.offset) < ($1.element.date, $1.offset) }.map(\.element)
    }

    private static func precedes(_ one: ProfileDecision, _ other: ProfileDecision) -> Bool {
        if one.date != other.date { return one.date < other.date }
        return [one.entry, one.verdict.rawValue, one.author, one.reason].lexicographicallyPrecedes(
            [other.entry, other.verdict.rawValue, other.author, other.reason])
    }
}
