// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// One element of the ring between the consumer thread and the writer thread: a verdict and the record's own bytes. A
/// view in place, valid until the ring's consumer advances.
@safe package struct JudgedRecord {
    /// Bytes before the record: one word with the verdict in its low byte, and this bit for a call.
    static var header: Int { @_noLocks @_noAllocation get { 8 } }
    static var isCall: UInt64 { @_noLocks @_noAllocation get { 0x100 } }
    /// The record size of a ring that carries these.
    package static var ringRecordSize: Int { header + MemoryLayout<rf_record>.size }

    private let base: UnsafeRawPointer
    private var word: UInt64 { unsafe base.load(as: UInt64.self) }

    /// A view of what `SPSCConsumer.peek` returned, of a ring that an `Intake` fills.
    package init(_ base: UnsafeRawPointer) { unsafe self.base = base }

    /// What the judge said.
    package var verdict: Verdict { Verdict(rawValue: UInt8(truncatingIfNeeded: word)) ?? .malformed }

    /// The record, or nil if this is a call of the full trace.
    package var record: UnsafePointer<rf_record>? {
        // SAFETY: an Intake wrote a whole record behind the header if the bit is clear.
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
