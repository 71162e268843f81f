// SPDX-License-Identifier: Apache-2.0

/// Says when the memory of a ring is to be given back: a storm goes through every place of it, and each keeps its page.
/// For one thread.
struct RingRest {
    /// Records that were pushed when this was looked at last, and when memory was given back.
    private var seen: UInt64 = 0
    private var givenBack: UInt64 = 0
    private var nextLook: UInt64 = 0

    /// Between two looks, nanoseconds.
    static let interval: UInt64 = 5_000_000_000
    /// Records in that time that are no storm: a busy host's execs are more than none.
    static let quiet: UInt64 = 512
    /// Records whose pages are worth the system call, and the faults later.
    static let worthwhile: UInt64 = 1024

    /// Whether memory is to be given back now, having pushed `pushed` records so far. `now` is in nanoseconds.
    mutating func isDue(pushed: UInt64, now: UInt64) -> Bool {
        guard now >= nextLook else { return false }
        nextLook = now + Self.interval
        defer { seen = pushed }
        guard pushed - seen <= Self.quiet, pushed - givenBack >= Self.worthwhile else { return false }
        givenBack = pushed
        return true
    }
}
