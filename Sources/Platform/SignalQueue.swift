// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// Signals read from a descriptor instead of handled: blocked from the moment this is made, in this thread and those it
/// starts (signalfd(2)). Make it first thing in `main`, before any thread.
package struct SignalQueue: ~Copyable {
    /// One signal that arrived.
    package struct Arrival: Sendable, Equatable {
        package let number: CInt
        /// A key was pressed: the kernel sent it to the whole foreground process group.
        package let fromTerminal: Bool
    }

    /// Readable when a signal waits; owned by this value.
    package let descriptor: CInt

    /// Blocks `numbers` and queues them.
    package init(_ numbers: [CInt]) throws(SystemError) {
        descriptor = unsafe rf_signals_open(numbers, CInt(numbers.count))
        guard descriptor >= 0 else { throw SystemError("queue", "signals", errno: errno) }
    }

    /// The oldest waiting signal, or nil.
    package func take() -> Arrival? {
        var taken = rf_signal()
        guard unsafe rf_signals_take(descriptor, &taken) == 1 else { return nil }
        return Arrival(number: taken.number, fromTerminal: taken.from_terminal != 0)
    }

    deinit { _ = close(descriptor) }
}
