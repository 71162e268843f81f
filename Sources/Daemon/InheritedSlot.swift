// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import Sensor

/// What replaced programs kept of one cgroup, on its way into the profile of its container.
struct InheritedSlot {
    let facts: PinnedFacts
    /// Its number among the slots of those programs.
    let slot: UInt32
    /// What is added to its numbers where they stand beside those of the programs at work.
    let offset: UInt32
    /// Whether a profile has counted the start of its container.
    let isProfiled: Bool
}
