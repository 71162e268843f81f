// SPDX-License-Identifier: Apache-2.0

/// Whose slots were before they were given back: for records that are on their way still, or wait for a name.
struct FormerOwners {
    private var entries: [WatchBoard.Place: (owner: WatchBoard.Owner, since: UInt64)] = [:]

    /// How long one is kept: several times what a record waits for its name.
    private static let nanoseconds: UInt64 = 10_000_000_000
    /// Kept at most; beyond, all but the newest half of that are forgotten early, and its records are told under the cgroup's name, if
    /// it has its slot still.
    private static let limit = 4096

    /// All that are kept.
    var owners: [WatchBoard.Place: WatchBoard.Owner] { entries.mapValues(\.owner) }

    /// Keeps whose places were, as of `now`, nanoseconds of CLOCK_BOOTTIME.
    mutating func add(_ places: some Sequence<WatchBoard.Place>, _ owner: WatchBoard.Owner, now: UInt64) {
        for place in places { entries[place] = (owner, now) }
        guard entries.count > Self.limit else { return }
        let oldest = entries.values.map(\.since).sorted()[entries.count - Self.limit / 2]
        entries = entries.filter { $0.value.since > oldest }
    }

    /// Forgets what is old enough. Whether there was anything.
    mutating func expire(now: UInt64) -> Bool {
        guard entries.values.contains(where: { now >= $0.since + Self.nanoseconds }) else { return false }
        entries = entries.filter { now < $0.value.since + Self.nanoseconds }
        return true
    }
}
