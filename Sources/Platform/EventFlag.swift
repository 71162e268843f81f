// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// A flag that one thread raises and another one's poll sees (eventfd(2)). Any thread may call any of it.
package struct EventFlag: ~Copyable, Sendable {
    private let event: Descriptor

    /// Readable while the flag is up; owned by this value.
    package var descriptor: CInt { event.number }

    /// A flag that is down.
    package init() throws(SystemError) {
        let made = rf_event_open()
        guard made >= 0 else { throw SystemError("make", "an eventfd", errno: errno) }
        event = Descriptor(owning: made)
    }

    /// Raises the flag. Never waits.
    package borrowing func raise() {
        var one: UInt64 = 1
        // SAFETY: eight bytes of a local. A full counter (EAGAIN) is a flag that is up.
        _ = unsafe write(event.number, &one, 8)
    }

    /// Lowers the flag.
    ///
    /// - Returns: whether it was up.
    @discardableResult
    package borrowing func lower() -> Bool {
        var count: UInt64 = 0
        // SAFETY: eight bytes of a local.
        return unsafe read(event.number, &count, 8) == 8
    }
}
