// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// One element of the ring between the consumer thread and the writer thread: a verdict and the used part of the record,
/// in its place. A view, valid until the ring's consumer advances.
@safe package struct JudgedRecord {
    /// Bytes before the record: one word with the verdict in its low byte, and this bit for a call.
    static var header: Int { @_noLocks @_noAllocation get { 8 } }
    static var isCall: UInt64 { @_noLocks @_noAllocation get { 0x100 } }
    /// The record size of a ring that carries these.
    package static var ringRecordSize: Int { header + MemoryLayout<rf_record>.size }

    /// Where the used part of a record begins, in bytes from its start: its path's text, in whole words. Inside the record
    /// whatever it says of itself, as is the end.
    @inline(__always) @_noLocks @_noAllocation
    static func begin(of record: UnsafePointer<rf_record>) -> Int {
        // SAFETY: the caller's record is whole.
        let offset = unsafe record.pointee.path_offset
        return offset < UInt32(RF_PATH) ? Int(offset & ~7) : 0
    }

    /// Where the used part of a record ends: behind its last ancestor. The ancestors come last, which
    /// `ringfence_slots.h` asserts.
    @inline(__always) @_noLocks @_noAllocation
    static func end(of record: UnsafePointer<rf_record>) -> Int {
        // SAFETY: the caller's record is whole.
        let count = unsafe record.pointee.ancestor_count
        let unused = count < UInt32(RF_ANCESTORS) ? Int(UInt32(RF_ANCESTORS) &- count) : 0
        return MemoryLayout<rf_record>.size &- unused &* MemoryLayout<rf_ancestor>.size
    }

    private let base: UnsafeRawPointer
    private var word: UInt64 { unsafe base.load(as: UInt64.self) }

    /// A view of what `SPSCConsumer.peek` returned, of a ring that an `Intake` fills.
    package init(_ base: UnsafeRawPointer) { unsafe self.base = base }

    /// What the judge said.
    package var verdict: Verdict { Verdict(rawValue: UInt8(truncatingIfNeeded: word)) ?? .malformed }

    /// The record, or nil if this is a call of the full trace. Outside its used part (`begin`
    /// to `end`) lie remains of earlier ones.
    package var record: UnsafePointer<rf_record>? {
        // SAFETY: an Intake wrote a record behind the header if the bit is clear; the ring has all of its bytes.
        guard word & Self.isCall == 0 else { return nil }
        return unsafe (base + Self.header).assumingMemoryBound(to: rf_record.self)
    }

    /// The call of the full trace, or nil if this is a record.
    package var call: UnsafePointer<rf_call>? {
        // SAFETY: an Intake wrote a whole call behind the header if the bit is set.
        guard word & Self.isCall != 0 else { return nil }
        return unsafe (base + Self.header).assumingMemoryBound(to: rf_call.self)
    }
}
