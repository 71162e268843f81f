// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import Sensor

/// What replaced programs have left: the facts of each of their cgroups go to the container that the cgroup is part of, by
/// its id, and with the container's next epoch into its profile. A set is unpinned when nothing of it is left to save.
/// Control thread.
final class Inheritance {
    private var waiting: [(slot: SlotSnapshot, facts: PinnedFacts, offset: UInt32)] = []
    private var unsaved: [String: Int] = [:]
    private let sets: [PinnedFacts]

    /// More than there are slots or sub-slots in a set.
    private static let numbers: UInt32 = 1 << 24

    init(_ sets: [PinnedFacts]) {
        self.sets = sets
        for (place, facts) in sets.enumerated() {
            waiting += facts.slots.map { ($0, facts, Self.numbers * UInt32(place + 1)) }
            unsaved[facts.set] = facts.slots.count
            if facts.slots.isEmpty { facts.remove() }
        }
        // A container's own cgroup before those below it.
        waiting.sort { ($0.slot.path.utf8.count, $0.slot.path) < ($1.slot.path.utf8.count, $1.slot.path) }
    }

    /// Whether every set is saved and unpinned.
    var isSettled: Bool { unsaved.values.allSatisfy { $0 == 0 } }

    /// Gives what can be given; `isLast` gives the rest to what is known of their cgroups without waiting for a name. Returns
    /// who got something, and what became of cgroups that are gone.
    func hand(
        to inventory: Inventory, now: UInt64, isLast: Bool = false
    ) -> (heirs: [(TrackedContainer, InheritedSlot)], changes: [Inventory.Change]) {
        guard !waiting.isEmpty else { return ([], []) }
        var heirs: [(TrackedContainer, InheritedSlot)] = []
        var changes: [Inventory.Change] = []
        var gone: [String: TrackedContainer] = [:]
        waiting = waiting.filter { slot, facts, offset in
            switch inventory.heir(of: slot, gone: &gone, now: now, isLast: isLast) {
            case .later: return true
            case .nobody: settled(facts)
            case .container(let container):
                let inherited = InheritedSlot(
                    facts: facts, slot: slot.index, offset: offset, isProfiled: slot.has(UInt32(RF_SLOT_PROFILED)))
                container.inherited.append(inherited)
                heirs.append((container, inherited))
            }
            return false
        }
        for container in gone.values.sorted(by: { $0.path < $1.path }) {
            // The daemon before has told of it if it has counted it.
            if !container.inherited.contains(where: \.isProfiled) { changes.append(.appeared(container)) }
            changes.append(.ended(container))
        }
        return (heirs, changes)
    }

    /// Notes that a profile has what a container inherited.
    func settle(_ container: TrackedContainer) {
        for inherited in container.inherited {
            inherited.facts.settle(slot: inherited.slot)
            settled(inherited.facts)
        }
        container.inherited = []
    }

    private func settled(_ facts: PinnedFacts) {
        unsaved[facts.set, default: 1] -= 1
        if unsaved[facts.set] == 0 { facts.remove() }
    }
}
