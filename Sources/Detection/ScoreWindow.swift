// SPDX-License-Identifier: Apache-2.0

/// The distinct new items of one container in the last 60 s. A value: it has no clock of its own, and equal calls give
/// equal sums.
package struct ScoreWindow: Sendable {
    private struct Entry: Sendable {
        var points: Double
        var lastSeenNanoseconds: UInt64
    }

    /// Items kept at most. A container that brings more is critical long before; the rest are counted, not summed.
    package static let limit = 256

    private var entries: [ScoreItem: Entry] = [:]
    /// Items that found no place so far.
    package private(set) var overflow: UInt64 = 0

    /// A window without items.
    package init() {}

    /// Adds an item seen at `time` (nanoseconds of CLOCK_BOOTTIME) and returns the sum then. An item that is there
    /// already counts once, with the greater points, and stays 60 s longer. A time before the last one is taken as it
    /// is: records of several processors arrive a little out of order.
    package mutating func add(_ item: ScoreItem, points: Double, at time: UInt64) -> Double {
        if var entry = entries[item], !Self.isOver(entry, at: time) {
            entry.points = max(entry.points, points)
            entry.lastSeenNanoseconds = max(entry.lastSeenNanoseconds, time)
            entries[item] = entry
            return sum(at: time)
        }
        if entries[item] == nil, entries.count >= Self.limit {
            entries = entries.filter { !Self.isOver($0.value, at: time) }
        }
        if entries[item] == nil, entries.count >= Self.limit {
            overflow &+= 1
        } else {
            entries[item] = Entry(points: points, lastSeenNanoseconds: time)
        }
        return sum(at: time)
    }

    /// The sum of the items that were seen within 60 s before `time`.
    package func sum(at time: UInt64) -> Double {
        entries.values.reduce(0) { Self.isOver($1, at: time) ? $0 : $0 + $1.points }
    }

    /// Whether nothing counts any more, so that the window can be thrown away.
    package func isOver(at time: UInt64) -> Bool { entries.values.allSatisfy { Self.isOver($0, at: time) } }

    private static func isOver(_ entry: Entry, at time: UInt64) -> Bool {
        time >= entry.lastSeenNanoseconds && time - entry.lastSeenNanoseconds >= Score.windowNanoseconds
    }
}
