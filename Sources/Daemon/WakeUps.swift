// SPDX-License-Identifier: Apache-2.0
import Platform
import Synchronization

/// How the daemon's threads wake each other. Any thread may use any of it.
final class WakeUps: Sendable {
    /// Something waits for the writer thread.
    let writer: EventFlag
    /// Something waits for the control thread.
    let control: EventFlag
    /// The consumer thread is to look at `isEnding` and `isTracing`.
    let consumer: EventFlag
    /// Set once: threads end when they have finished what is there.
    let isEnding = Atomic(false)
    /// Whether calls of a full trace arrive, which wake nobody by themselves.
    let isTracing = Atomic(false)
    /// Nanoseconds of CLOCK_BOOTTIME at which each thread was last alive.
    let consumerBeat = Atomic<UInt64>(0)
    let writerBeat = Atomic<UInt64>(0)
    /// When a heartbeat that went through the kernel was last seen by the consumer.
    let kernelBeat = Atomic<UInt64>(0)

    init() throws(SystemError) {
        writer = try EventFlag()
        control = try EventFlag()
        consumer = try EventFlag()
    }

    /// Tells every thread to end.
    func end() {
        isEnding.store(true, ordering: .releasing)
        consumer.raise()
        writer.raise()
    }
}
