// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
import Platform

/// When a profile was recorded, over how many runs, and what is known to be missing.
package struct ProfileWindow: Codable, Equatable, Sendable {
    /// Start of the first and end of the last recording, in whole seconds.
    package var start: Date
    package var end: Date
    /// Recordings merged into this profile: the sampling units of its evidence.
    package var runs: Int
    /// Which recordings those are, ascending, so that none is counted twice; nil if nobody kept count of them, as in what
    /// the daemon learned: the profile is then known by its content.
    package var units: [String]?
    /// Container starts seen over all runs.
    package var instances: Int
    /// Whether calls were counted one by one; if not, counts are 0 and mean "seen".
    package var counted: Bool
    /// Why facts may be missing, in words; empty means that none are.
    package var partial: [String]
    /// True if calls under filters that programs loaded themselves are told apart in every run; nil if they are not.
    package var steady: Bool?
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

extension ProfileWindow {
    /// Among `partial` if nothing of the start was seen.
    package static let lateReason = "it was already running when the recording began: what it did before is not known"

    /// A name for a recording that no other one has.
    package static func newUnit() -> String { String(UInt64.random(in: .min ... .max), radix: 16, digits: 16) }
}
