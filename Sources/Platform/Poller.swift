// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// An epoll(7) instance, level-triggered. Its own descriptor can be watched by another one.
package struct Poller: ~Copyable, Sendable {
    /// What one descriptor is watched for.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Bytes or connections wait, or the other end has ended its side.
        package static let read = Interest(rawValue: RF_POLL_READ)
        /// Bytes would be taken.
        package static let write = Interest(rawValue: RF_POLL_WRITE)
        /// The other end is gone in both directions, or the descriptor failed. Always reported, cannot be asked for.
        package static let closed = Interest(rawValue: RF_POLL_CLOSED)
    }

    /// A descriptor that is ready.
    package struct Ready: Sendable, Equatable {
        /// What it was added with.
        package let token: UInt64
        package let events: Interest
    }

    private let poll: Descriptor

    /// Readable when something watched is ready; owned by this value.
    package var descriptor: CInt { poll.number }

    /// An instance that watches nothing.
    package init() throws(SystemError) {
        let made = rf_poll_open()
        guard made >= 0 else { throw SystemError("make", "an epoll instance", errno: errno) }
        poll = Descriptor(owning: made)
    }

    /// Watches a descriptor until it is removed or closed. An empty interest still reports `.closed`.
    package borrowing func add(_ descriptor: CInt, token: UInt64, _ interest: Interest) throws(SystemError) {
        guard rf_poll_add(poll.number, descriptor, interest.rawValue, token) == 0 else {
            throw SystemError("watch", "descriptor \(descriptor)", errno: errno)
        }
    }

    /// Watches a descriptor that was added for something else from now on.
    package borrowing func change(_ descriptor: CInt, token: UInt64, _ interest: Interest) throws(SystemError) {
        guard rf_poll_change(poll.number, descriptor, interest.rawValue, token) == 0 else {
            throw SystemError("watch", "descriptor \(descriptor)", errno: errno)
        }
    }

    /// Stops watching a descriptor; none that was not watched is an error.
    package borrowing func remove(_ descriptor: CInt) {
        _ = rf_poll_remove(poll.number, descriptor)
    }

    /// Waits until something is ready, at most 64 of it at a time.
    ///
    /// - Parameter limit: how long, rounded up to a millisecond; nil waits without end. A signal ends it early.
    /// - Returns: what is ready, none after the time.
    package borrowing func wait(upTo limit: Duration?) throws(SystemError) -> [Ready] {
        var raw = [rf_poll_ready](repeating: rf_poll_ready(), count: 64)
        // SAFETY: the array has as many elements as the call is told.
        let count = unsafe rf_poll_wait(poll.number, &raw, CInt(raw.count), limit.map(Self.milliseconds) ?? -1)
        guard count >= 0 else { throw SystemError("wait for", "descriptors", errno: errno) }
        return raw.prefix(Int(count)).map { Ready(token: $0.token, events: Interest(rawValue: $0.events)) }
    }

    /// Milliseconds for poll(2), rounded up so that a wait never spins before its time; 0 if negative, a day at most.
    package static func milliseconds(_ duration: Duration) -> CInt {
        let (seconds, attoseconds) = duration.components
        if seconds < 0 || attoseconds < 0 { return 0 }
        if seconds >= 86_400 { return 86_400_000 }
        return CInt(seconds) * 1000 + CInt((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
