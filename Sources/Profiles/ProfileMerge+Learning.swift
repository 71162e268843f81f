// SPDX-License-Identifier: Apache-2.0
import Platform

extension ProfileMerge {
    /// How far the learning of two profiles of one thing has come together. Epochs are samples of the same thing, so
    /// they add up, and an item that both know is in more than one of them. The state is the earlier one.
    static func unite(_ one: BehaviourProfile, _ other: BehaviourProfile) -> ProfileLearning? {
        guard let left = one.learning, let right = other.learning else {
            // A recording has no epochs, but what it knows is no longer the novelty of a single one.
            let (known, recording) = one.learning == nil ? (other, one) : (one, other)
            guard var learning = known.learning else { return nil }
            let items = recording.items
            learning.singletons = learning.singletons.filter { !items.contains($0.key) }
            learning.provisional = learning.provisional.filter { !recording.target.digests.contains($0) }
            return learning
        }
        var united = left
        united.state = min(left.state, right.state)
        united.start = min(left.start, right.start)
        united.seconds = max(left.seconds, right.seconds)
        united.epochSeconds = max(left.epochSeconds, right.epochSeconds)
        united.epochs = left.epochs.saturatingSum(right.epochs)
        united.warmUpLeft = max(left.warmUpLeft, right.warmUpLeft)
        united.monitored = left.monitored.saturatingSum(right.monitored)
        united.instances = left.instances.saturatingSum(right.instances)
        united.locked = left.locked || right.locked
        united.provisional = Set(left.provisional).union(right.provisional)
            .subtracting(one.target.digests).subtracting(other.target.digests).sorted()
        united.forced = earlier(left.forced, right.forced)
        united.imported = earlier(left.imported, right.imported)
        united.taken = TakenEpochs.unite(left.taken, right.taken)
        let known = (left: one.items, right: other.items)
        united.singletons = numbered(
            epochs(left.singletons.filter { !known.right.contains($0.key) })
                + epochs(right.singletons.filter { !known.left.contains($0.key) }))
        return united
    }

    /// The items of each epoch, sorted.
    private static func epochs(_ singletons: [String: Int]) -> [[String]] {
        Dictionary(grouping: singletons.keys) { singletons[$0] ?? 0 }.values.map { $0.sorted() }
    }

    /// Epochs are told apart by number only: any order that does not depend on which profile came first will do.
    private static func numbered(_ epochs: [[String]]) -> [String: Int] {
        var numbers: [String: Int] = [:]
        for (index, items) in epochs.sorted(by: { $0.lexicographicallyPrecedes($1) }).enumerated() {
            for item in items { numbers[item] = index + 1 }
        }
        return numbers
    }

    private static func earlier(
        _ one: ProfileLearning.Vouch?, _ other: ProfileLearning.Vouch?
    ) -> ProfileLearning.Vouch? {
        guard let one, let other else { return one ?? other }
        if one.date != other.date { return one.date < other.date ? one : other }
        let isFirst = [one.author, one.reason, one.source ?? ""].lexicographicallyPrecedes(
            [other.author, other.reason, other.source ?? ""])
        return isFirst ? one : other
    }
}
