// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// The pushing end of an `SPSCRing`. One thread uses it; moving it to that thread is what `Sendable` is for.
@safe package struct SPSCProducer: ~Copyable, @unchecked Sendable {
    private let ring: SPSCRing
    // Copies of what the ring says, so that the hot path follows no reference.
    private let records: UnsafeMutableRawPointer
    private let sharedTail: UnsafeMutablePointer<Atomic<UInt64>>
    private let sharedHead: UnsafeMutablePointer<Atomic<UInt64>>
    private let drops: UnsafeMutablePointer<Atomic<UInt64>>
    private let stride: UInt64
    private let capacity: UInt64
    let recordSize: Int
    private var tail: UInt64 = 0
    /// The consumer's index when it was last looked at: its cache line is touched only when the ring seems full.
    private var seenHead: UInt64 = 0

    init(_ ring: SPSCRing) {
        self.ring = ring
        unsafe records = ring.records
        unsafe sharedTail = ring.tail
        unsafe sharedHead = ring.head
        unsafe drops = ring.drops
        stride = UInt64(ring.stride)
        capacity = UInt64(ring.capacity)
        recordSize = ring.recordSize
    }

    /// Copies one record of the ring's size in. False if the ring is full: the record is dropped and counted.
    @inline(__always) @_noLocks @_noAllocation
    package mutating func push(_ record: UnsafeRawPointer) -> Bool {
        guard let place = unsafe reserve() else { return false }
        // SAFETY: the caller vouches for `recordSize` bytes; the place is ours until commit.
        unsafe place.copyMemory(from: record, byteCount: recordSize)
        commit()
        return true
    }

    /// The place of the next record, to be written and then committed; asking twice gives the same place. Nil if the
    /// ring is full: that is counted as a dropped record.
    @inline(__always) @_noLocks @_noAllocation
    package mutating func reserve() -> UnsafeMutableRawPointer? {
        if tail &- seenHead >= capacity {
            // SAFETY: the ring, which `self` holds, owns the counters. Acquire: the consumer has read what we overwrite.
            unsafe seenHead = sharedHead.pointee.load(ordering: .acquiring)
            if tail &- seenHead >= capacity {
                unsafe drops.pointee.store(drops.pointee.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
                return nil
            }
        }
        // SAFETY: the index is below the capacity, so the place lies in the ring's memory.
        return unsafe records + Int(truncatingIfNeeded: (tail & (capacity &- 1)) &* stride)
    }

    /// Makes the reserved record visible to the consumer.
    @inline(__always) @_noLocks @_noAllocation
    package mutating func commit() {
        tail &+= 1
        // SAFETY: the ring, which `self` holds, owns the counter. Release: what was written before is seen with it.
        unsafe sharedTail.pointee.store(tail, ordering: .releasing)
    }

    /// Gives the memory of every place that holds no record back to the system: the next records get fresh pages. What was
    /// written to a reserved place and not committed is lost. A system call or two, nothing for the hot path.
    package mutating func giveBack() {
        // SAFETY: the ring, which `self` holds, owns the counter. Acquire: the consumer has read what we give back.
        unsafe seenHead = sharedHead.pointee.load(ordering: .acquiring)
        let begin = tail & (capacity &- 1)
        let end = begin &+ (capacity &- (tail &- seenHead))
        giveBack(begin..<min(end, capacity))
        if end > capacity { giveBack(0..<(end &- capacity)) }
    }

    /// The whole pages among these places (madvise(2)): what is private and anonymous reads as zeros afterwards.
    private func giveBack(_ places: Range<UInt64>) {
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let base = unsafe UInt(bitPattern: records)
        let first = (base + UInt(places.lowerBound &* stride) + page - 1) & ~(page - 1)
        let last = (base + UInt(places.upperBound &* stride)) & ~(page - 1)
        guard last > first else { return }
        // SAFETY: the pages lie in the ring's memory, which is the allocator's, and the consumer does not look at these
        // places until they are written and committed.
        unsafe _ = madvise(UnsafeMutableRawPointer(bitPattern: first), Int(last - first), MADV_DONTNEED)
    }
}
