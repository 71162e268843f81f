// SPDX-License-Identifier: Apache-2.0

/// What the distinct new items of one container weigh, over the last 60 s. A value: it has no clock of its own, and equal
/// calls give equal sums.
package struct ScoreWindow<Item: Equatable & Sendable>: Sendable {
    private struct Entry: Sendable {
        let item: Item
        var points: Double
        var lastSeenNanoseconds: UInt64
    }

    /// Items kept at most. A container that brings more is critical long before; the rest are counted, not summed.
    package static var limit: Int { 256 }

    /// In the order of their coming: sums of fractions depend on it.
    private var entries: [Entry] = []
    /// Items that found no place so far.
    package private(set) var overflow: UInt64 = 0
    /// The latest time of all that was added, 0 at first.
    package private(set) var latest: UInt64 = 0

    /// A window without items.
    package init() {}

    /// Adds an item seen at `time` (nanoseconds of CLOCK_BOOTTIME) and returns the sum then. An item that is there
    /// already counts once, with the greater points, and stays 60 s longer. A time before the last one is taken as it
    /// is: records of several processors arrive a little out of order. Points that are no number or below 0 are none.
    package mutating func add(_ item: Item, points: Double, at time: UInt64) -> Double {
        let points = points.isFinite ? max(0, points) : 0
        latest = max(latest, time)
        entries.removeAll { Self.isOver($0, at: time) }
        if let place = entries.firstIndex(where: { $0.item == item }) {
            entries[place].points = max(entries[place].points, points)
            entries[place].lastSeenNanoseconds = max(entries[place].lastSeenNanoseconds, time)
        } else if entries.count < Self.limit {
            entries.append(Entry(item: item, points: points, lastSeenNanoseconds: time))
        } else {
            overflow &+= 1
        }
        return sum(at: time)
    }

    /// The sum of the items that were seen within 60 s before `time`.
    package func sum(at time: UInt64) -> Double {
        entries.reduce(0) { Self.isOver($1, at: time) ? $0 : $0 + $1.points }
    }

    /// Whether nothing counts any more, so that the window can be thrown away.
    package func isOver(at time: UInt64) -> Bool { entries.allSatisfy { Self.isOver($0, at: time) } }

    private static func isOver(_ entry: Entry, at time: UInt64) -> Bool {
        time >= entry.lastSeenNanoseconds && time - entry.lastSeenNanoseconds >= Score.windowNanoseconds
    }
}
