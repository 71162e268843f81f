// SPDX-License-Identifier: Apache-2.0

/// The bounds of an incident book.
package struct IncidentLimits: Sendable {
    /// Open incidents; the one that has been idle for longest is closed for a new one.
    package var incidents = 1024
    /// Distinct items told apart in one incident; the rest are counted.
    package var items = 32
    /// Processes by which findings find an incident; the rest do not.
    package var processes = 256
    /// Containers with a score; the one without news for longest is forgotten.
    package var containers = 4096
    /// Kernel counters whose last reading is remembered; the rest count as read for the first time.
    package var counters = 16_384
    /// Calls that were announced as held for review; beyond, one may be announced again.
    package var held = 4096
    /// How long after the latest new item another one joins, in nanoseconds of boot time.
    package var window: UInt64 = 60_000_000_000
    /// After how long without repeats an incident is closed.
    package var idle: UInt64 = 600_000_000_000

    /// The usual bounds.
    package init() {}
}

/// What the bounds cost so far.
package struct IncidentCounters: Equatable, Sendable {
    package var findings: UInt64 = 0
    /// Findings that were counted in an incident that was there.
    package var folded: UInt64 = 0
    package var incidents: UInt64 = 0
    /// Alerts: first announcements and later revisions.
    package var announcements: UInt64 = 0
    package var incidentsClosedForRoom: UInt64 = 0
    package var itemsOmitted: UInt64 = 0
    package var processesOmitted: UInt64 = 0
    package var containersForgotten: UInt64 = 0
    package var countersForgotten: UInt64 = 0
    package var heldForgotten: UInt64 = 0
    /// Calls of tier 1 while learning that were announced before and wait for a decision.
    package var heldAgain: UInt64 = 0

    /// Nothing yet.
    package init() {}
}
