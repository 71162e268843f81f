// SPDX-License-Identifier: Apache-2.0

/// The sum of what a container's distinct new items weigh, over the last 60 s of boot time.
struct ScoreWindow {
    static let nanoseconds: UInt64 = 60_000_000_000
    /// More items than this do not change what the score means.
    private static let limit = 256

    private var items: [(time: UInt64, weight: Double)] = []

    /// When the latest item came.
    var latest: UInt64 { items.last?.time ?? 0 }

    /// Adds an item that was not there before and returns the score with it.
    mutating func add(weight: Double, at time: UInt64) -> Double {
        items.removeAll { time > $0.time && time - $0.time > Self.nanoseconds }
        if items.count < Self.limit { items.append((time, weight.isFinite ? max(0, weight) : 0)) }
        return items.reduce(0) { $0 + $1.weight }
    }

    /// The score now.
    func score(at time: UInt64) -> Double {
        items.reduce(0) { time > $1.time && time - $1.time > Self.nanoseconds ? $0 : $0 + $1.weight }
    }
}
