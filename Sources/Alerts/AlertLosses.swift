// SPDX-License-Identifier: Apache-2.0

/// What of this container could not be told at that moment.
package struct AlertLosses: Codable, Equatable, Sendable {
    /// Records that were made and reached nobody: no room in a ring.
    package var dropped: UInt64
    /// Records that the container's budget held back.
    package var suppressed: UInt64
    /// Facts that found no slot: the only loss that makes a profile incomplete.
    package var facts: UInt64

    /// So many of each.
    package init(dropped: UInt64 = 0, suppressed: UInt64 = 0, facts: UInt64 = 0) {
        self.dropped = dropped
        self.suppressed = suppressed
        self.facts = facts
    }

    /// Whether nothing is missing.
    package var isNone: Bool { dropped == 0 && suppressed == 0 && facts == 0 }
}
