// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

/// When a profile was recorded, over how many runs, and what is known to be missing.
package struct ProfileWindow: Codable, Equatable, Sendable {
    /// Start of the first and end of the last recording, in whole seconds.
    package var start: Date
    package var end: Date
    /// Recordings merged into this profile: the sampling units of its evidence.
    package var runs: Int
    /// Container starts seen over all runs.
    package var instances: Int
    /// Whether calls were counted one by one; if not, counts are 0 and mean "seen".
    package var counted: Bool
    /// Why facts may be missing, in words; empty means that none are.
    package var partial: [String]
    /// Records of events over all runs; facts are never carried by events.
    package var events: EventAccounting

    /// A window of one run.
    package init(
        start: Date, end: Date, runs: Int = 1, instances: Int = 1, counted: Bool = true, partial: [String] = [],
        events: EventAccounting = EventAccounting()
    ) {
        self.start = start
        self.end = end
        self.runs = runs
        self.instances = instances
        self.counted = counted
        self.partial = partial
        self.events = events
    }
}

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
}
