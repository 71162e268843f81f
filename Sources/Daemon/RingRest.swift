// SPDX-License-Identifier: Apache-2.0

/// Says when the memory of a ring is to be given back: a storm goes through every place of it, and each keeps its page.
/// Asking for pages again costs a storm that goes on a millisecond in every five seconds. For one thread.
struct RingRest {
    /// Records that were pushed when memory was given back.
    private var givenBack: UInt64 = 0
    private var nextLook: UInt64 = 0

    /// Between two looks, nanoseconds.
    static let interval: UInt64 = 5_000_000_000
    /// Records whose pages are worth the system call, and the faults later.
    static let worthwhile: UInt64 = 1024

    /// Whether memory is to be given back now, having pushed `pushed` records so far. `now` is in nanoseconds.
    mutating func isDue(pushed: UInt64, now: UInt64) -> Bool {
        guard now >= nextLook else { return false }
        nextLook = now + Self.interval
        guard pushed - givenBack >= Self.worthwhile else { return false }
        givenBack = pushed
        return true
    }
}
