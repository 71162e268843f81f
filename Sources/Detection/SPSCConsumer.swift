// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The taking end of an `SPSCRing`. One thread uses it; moving it to that thread is what `Sendable` is for.
@safe package struct SPSCConsumer: ~Copyable, @unchecked Sendable {
    private let ring: SPSCRing
    // Copies of what the ring says, so that the hot path follows no reference.
    private let records: UnsafeMutableRawPointer
    private let sharedTail: UnsafeMutablePointer<Atomic<UInt64>>
    private let sharedHead: UnsafeMutablePointer<Atomic<UInt64>>
    private let stride: UInt64
    private let mask: UInt64
    private var head: UInt64 = 0
    /// The producer's index when it was last looked at: its cache line is touched only when the ring seems empty.
    private var seenTail: UInt64 = 0

    init(_ ring: SPSCRing) {
        self.ring = ring
        unsafe records = ring.records
        unsafe sharedTail = ring.tail
        unsafe sharedHead = ring.head
        stride = UInt64(ring.stride)
        mask = UInt64(ring.capacity - 1)
    }

    /// The oldest record, in place, valid until `advance`; nil if there is none.
    @inline(__always) @_noLocks @_noAllocation
    package mutating func peek() -> UnsafeRawPointer? {
        if head == seenTail {
            // SAFETY: the ring, which `self` holds, owns the counter. Acquire: the records before it are whole.
            unsafe seenTail = sharedTail.pointee.load(ordering: .acquiring)
            if head == seenTail { return nil }
        }
        // SAFETY: the index is below the capacity, so the place lies in the ring's memory.
        return unsafe UnsafeRawPointer(records + Int(truncatingIfNeeded: (head & mask) &* stride))
    }

    /// Gives the place of the record that `peek` returned back to the producer. Without such a record it does nothing.
    @inline(__always) @_noLocks @_noAllocation
    package mutating func advance() {
        guard head != seenTail else { return }
        head &+= 1
        // SAFETY: the ring, which `self` holds, owns the counter. Release: the record was read before.
        unsafe sharedHead.pointee.store(head, ordering: .releasing)
    }
}
