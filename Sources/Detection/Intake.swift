// SPDX-License-Identifier: Apache-2.0
import CEvents

/// What the consumer thread does with each record of the kernel's rings: judge it in place, count it, and copy it into
/// the ring to the writer if somebody must see it. It is all in one module so that the compiler makes one function of
/// it. One thread uses it; moving it to that thread is what `Sendable` is for.
@safe package struct Intake: ~Copyable, @unchecked Sendable {
    private let judge: Judge
    private let owner: HotCounters
    private let counters: HotCounters.Writer
    private var producer: SPSCProducer

    /// An intake into a ring whose records have `JudgedRecord.ringRecordSize` bytes.
    package init(judge: Judge, into producer: consuming SPSCProducer, counting counters: HotCounters) {
        precondition(producer.recordSize >= JudgedRecord.ringRecordSize, "the ring's records are too small")
        self.judge = judge
        owner = counters
        self.counters = counters.writer
        self.producer = producer
    }

    /// Takes one record of `size` bytes, as the ring delivered it; returns the verdict. A malformed one is counted and
    /// goes no further. A record that finds the ring to the writer full is counted as dropped.
    @_noLocks @_noAllocation @discardableResult
    package mutating func take(record: UnsafeRawPointer, size: Int) -> Verdict {
        let typed = unsafe record.assumingMemoryBound(to: rf_record.self)
        let verdict = unsafe judge.judge(typed, size: size)
        counters.count(verdict)
        guard !verdict.isExpected, !verdict.isMalformed else { return verdict }
        // SAFETY: it is not malformed, so it is whole.
        if !judge.tables.contains(unsafe typed.pointee.policy) { counters.count(.unknownPolicy) }
        unsafe forward(record, size: MemoryLayout<rf_record>.size, header: UInt64(verdict.index))
        return verdict
    }

    /// The same for a call of the full trace.
    @_noLocks @_noAllocation @discardableResult
    package mutating func take(call: UnsafeRawPointer, size: Int) -> Verdict {
        let typed = unsafe call.assumingMemoryBound(to: rf_call.self)
        let verdict = unsafe judge.judge(call: typed, size: size)
        counters.count(verdict)
        guard !verdict.isMalformed else { return verdict }
        // SAFETY: it is not malformed, so it is whole.
        if verdict.isExpected != (unsafe typed.pointee.allowed != 0) { counters.count(.disagreed) }
        guard !verdict.isExpected else { return verdict }
        if !judge.tables.contains(unsafe typed.pointee.policy) { counters.count(.unknownPolicy) }
        unsafe forward(call, size: MemoryLayout<rf_call>.size, header: UInt64(verdict.index) | JudgedRecord.isCall)
        return verdict
    }

    @inline(__always) @_noLocks @_noAllocation
    private mutating func forward(_ bytes: UnsafeRawPointer, size: Int, header: UInt64) {
        guard let place = unsafe producer.reserve() else { return counters.count(.dropped) }
        // SAFETY: the ring's records have room for the header and the largest record; `size` bytes are there to read.
        unsafe place.storeBytes(of: header, as: UInt64.self)
        unsafe (place + JudgedRecord.header).copyMemory(from: bytes, byteCount: size)
        producer.commit()
        counters.count(.pushed)
    }
}
