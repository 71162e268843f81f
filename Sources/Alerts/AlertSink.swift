// SPDX-License-Identifier: Apache-2.0

/// Somewhere that alerts go. Nothing of it ever waits for the other side; everything is called on the writer thread.
package protocol AlertSink: AnyObject {
    /// As `ringfence status` shows it: "file /var/lib/ringfence/alerts.jsonl".
    var name: String { get }
    /// What became of the alerts so far.
    var counters: SinkCounters { get }
    /// What to wake up for, besides `deadline`.
    var interests: [PollInterest] { get }
    /// When `service` has something to do even if no descriptor is ready, in boot time; nil: never.
    var deadline: UInt64? { get }
    /// Queues an alert. `line` is its JSON with the line feed. Never waits; a full queue drops, and counts it.
    func deliver(_ alert: Alert, line: [UInt8])
    /// Writes what can be written now, retries what failed, restarts what died. Calling it too often does no harm.
    func service(now: Moment)
    /// A sentence for the daemon's own log when the sink has begun to fail or works again; nil if nothing has changed.
    func takeComplaint() -> String?
    /// Makes what was written durable and lets go: before the daemon ends.
    func close(now: Moment)
}

/// A descriptor for poll(2).
package struct PollInterest: Equatable, Sendable {
    package let descriptor: CInt
    package let wantsRead: Bool
    package let wantsWrite: Bool

    /// What to wake up for.
    package init(descriptor: CInt, wantsRead: Bool, wantsWrite: Bool) {
        self.descriptor = descriptor
        self.wantsRead = wantsRead
        self.wantsWrite = wantsWrite
    }
}

/// What became of the alerts given to a sink: at any time all of them are delivered + dropped + waiting.
package struct SinkCounters: Equatable, Sendable {
    /// Handed to the kernel as a whole: written to the file, or into the pipe of a program that may not have read it yet.
    package var delivered: UInt64 = 0
    /// No room in the queue.
    package var dropped: UInt64 = 0
    /// In the queue.
    package var waiting = 0
    /// Attempts that failed: writes, opens, rotations, starts of a program. Nothing is lost by them as such.
    package var failed: UInt64 = 0
    /// The last failure in words, nil once the sink works again.
    package var lastError: String?

    /// Nothing yet.
    package init() {}
}
