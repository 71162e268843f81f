// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A lock-free ring of records of one size, from one producer thread to one consumer thread. This object owns the memory
/// and hands out the two ends, each once; the ends keep it alive. Nothing here wakes anybody.
///
/// Memory: the producer's line (how many were pushed, how many were dropped), the consumer's line (how many were taken),
/// then the records. The index counts never wrap: 2^64 records are 58,000 years at ten million a second.
@safe package final class SPSCRing: @unchecked Sendable {
    /// Bytes between things that two threads write: two lines, since processors fetch lines in pairs.
    static let line = 128
    /// Bytes before the first record.
    static let header = 2 * line

    /// Bytes of one record.
    package let recordSize: Int
    /// How many records fit; a power of two.
    package let capacity: Int
    /// Bytes from one record to the next: whole cache lines.
    let stride: Int

    private let memory: UnsafeMutableRawPointer
    private let ends = Atomic<UInt8>(0)

    /// A ring of `capacity` records (a power of two, at most 2^24) of `recordSize` bytes (1...65,536).
    package init(recordSize: Int, capacity: Int) {
        precondition((1...65_536).contains(recordSize), "a record has 1 to 65,536 bytes")
        precondition(
            (1...(1 << 24)).contains(capacity) && capacity & (capacity - 1) == 0,
            "a capacity is a power of two up to 2^24")
        self.recordSize = recordSize
        self.capacity = capacity
        stride = (recordSize + 63) & ~63
        // SAFETY: owned by this object, freed in deinit; the counters start at 0 and are only used as atomics.
        unsafe memory = .allocate(byteCount: Self.header + stride * capacity, alignment: Self.line)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.header)
    }

    deinit { unsafe memory.deallocate() }

    /// The pushing end. Taking it twice is a programming error.
    package func takeProducer() -> SPSCProducer {
        precondition(ends.bitwiseOr(1, ordering: .relaxed).oldValue & 1 == 0, "the producer was taken before")
        return SPSCProducer(self)
    }

    /// The taking end. Taking it twice is a programming error.
    package func takeConsumer() -> SPSCConsumer {
        precondition(ends.bitwiseOr(2, ordering: .relaxed).oldValue & 2 == 0, "the consumer was taken before")
        return SPSCConsumer(self)
    }

    /// Records that were pushed so far; any thread may ask.
    package var pushed: UInt64 { unsafe tail.pointee.load(ordering: .acquiring) }
    /// Records that found no place so far; any thread may ask.
    package var dropped: UInt64 { unsafe drops.pointee.load(ordering: .relaxed) }
    /// Records that the consumer is done with so far; any thread may ask.
    package var taken: UInt64 { unsafe head.pointee.load(ordering: .acquiring) }

    // SAFETY: all four lie inside `memory`, which lives as long as this object; the ends hold a reference to it.
    var tail: UnsafeMutablePointer<Atomic<UInt64>> {
        unsafe memory.assumingMemoryBound(to: Atomic<UInt64>.self)
    }
    var drops: UnsafeMutablePointer<Atomic<UInt64>> {
        unsafe (memory + 8).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
    var head: UnsafeMutablePointer<Atomic<UInt64>> {
        unsafe (memory + Self.line).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
    var records: UnsafeMutableRawPointer { unsafe memory + Self.header }
}
