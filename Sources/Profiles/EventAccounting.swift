// SPDX-License-Identifier: Apache-2.0
import Platform

/// Where every event record went. At rest `produced == delivered + suppressed + dropped`, exactly.
package struct EventAccounting: Codable, Equatable, Sendable {
    /// Records the kernel program decided to report.
    package var produced: UInt64 = 0
    /// Committed to a ring.
    package var delivered: UInt64 = 0
    /// Held back by the token bucket of their kind.
    package var suppressed: UInt64 = 0
    /// No room in the ring.
    package var dropped: UInt64 = 0

    /// Nothing produced.
    package init(produced: UInt64 = 0, delivered: UInt64 = 0, suppressed: UInt64 = 0, dropped: UInt64 = 0) {
        self.produced = produced
        self.delivered = delivered
        self.suppressed = suppressed
        self.dropped = dropped
    }

    /// Adds another account, field by field. A sum is at most the largest number: accounts come from files, too.
    package mutating func add(_ other: EventAccounting) {
        produced = produced.saturatingSum(other.produced)
        delivered = delivered.saturatingSum(other.delivered)
        suppressed = suppressed.saturatingSum(other.suppressed)
        dropped = dropped.saturatingSum(other.dropped)
    }

    /// What is more than in an earlier one; 0 where it is less.
    package func less(_ before: EventAccounting) -> EventAccounting {
        EventAccounting(
            produced: produced - min(produced, before.produced),
            delivered: delivered - min(delivered, before.delivered),
            suppressed: suppressed - min(suppressed, before.suppressed),
            dropped: dropped - min(dropped, before.dropped))
    }
}
