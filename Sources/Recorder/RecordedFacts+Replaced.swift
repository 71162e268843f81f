// SPDX-License-Identifier: Apache-2.0
import Events
package import Sensor

extension RecordedFacts {
    /// Adds what replaced programs kept of one of their slots, as if it had been kept here: what both have seen is one fact.
    /// `offset` is added to its numbers, for those of two sets of tables mean different things.
    package mutating func add(_ replaced: PinnedFacts, slot: UInt32, numbersShiftedBy offset: UInt32) {
        slots += replaced.slots.filter { $0.index == slot }.map { $0.shifted(by: offset) }
        let own = replaced.subs.filter { $0.slot == slot }
        subs += own.map { $0.shifted(by: offset) }
        let indices = Set(own.map(\.index))
        // Without peers of our own what others saw of them is no whole.
        peers? += (replaced.peers ?? []).filter { $0.slot == slot }.map { $0.shifted(by: offset) }
        edges? += (replaced.edges ?? []).filter { $0.slot == slot }.map { $0.shifted(by: offset) }
        credentials? += (replaced.credentials ?? []).filter { $0.slot == slot }.map { $0.shifted(by: offset) }
        denials += replaced.denials.filter { indices.contains($0.sub) }.map { $0.shifted(by: offset) }
    }
}
