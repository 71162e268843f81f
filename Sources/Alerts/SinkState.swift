// SPDX-License-Identifier: Apache-2.0

/// What every sink keeps: its queue, its counters, when to try again, and what to say about it.
struct SinkState {
    private static let firstDelay: UInt64 = 1_000_000_000
    private static let longestDelay: UInt64 = 60_000_000_000

    let name: String
    var queue: LineQueue
    private(set) var delivered: UInt64 = 0
    private(set) var failed: UInt64 = 0
    private(set) var lastError: String?
    private(set) var retryAt: UInt64?
    private var delay = Self.firstDelay
    private var complaint: String?
    private var saidDropped: UInt64 = 0

    init(name: String, limit: Int) {
        self.name = name
        queue = LineQueue(limit: limit)
    }

    var counters: SinkCounters {
        var counters = SinkCounters()
        counters.delivered = delivered
        counters.dropped = queue.dropped
        counters.waiting = queue.count
        counters.failed = failed
        counters.lastError = lastError
        return counters
    }

    /// Whether a failed attempt is recent enough that the next one has to wait.
    func isWaiting(_ now: Moment) -> Bool { retryAt.map { now.bootNanoseconds < $0 } ?? false }

    /// An attempt failed: the next one waits 1 s, then twice as long each time, up to a minute.
    mutating func fail(_ message: String, now: Moment) {
        failed += 1
        retryAt = now.bootNanoseconds + delay
        delay = min(delay * 2, Self.longestDelay)
        if lastError != message { complaint = "alerts to \(name) wait: \(message)" }
        lastError = message
    }

    /// An alert is out.
    mutating func succeed(now: Moment) {
        delivered += 1
        recover()
    }

    /// It works again.
    mutating func recover() {
        retryAt = nil
        delay = Self.firstDelay
        guard lastError != nil else { return }
        lastError = nil
        complaint = "alerts to \(name) go out again"
    }

    mutating func takeComplaint() -> String? {
        let dropped = queue.dropped - saidDropped
        defer { complaint = nil }
        // Once per stretch of losses, not once per alert.
        guard dropped > 0, complaint != nil || queue.isEmpty || saidDropped == 0 else { return complaint }
        saidDropped = queue.dropped
        return (complaint ?? "alerts to \(name) are too many") + "; \(dropped) could not be kept"
    }
}
