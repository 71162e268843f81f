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
        let begin = unsafe JudgedRecord.begin(of: typed)
        unsafe forward(record, from: begin, to: JudgedRecord.end(of: typed), header: UInt64(verdict.index))
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
        unsafe forward(
            call, from: 0, to: MemoryLayout<rf_call>.size, header: UInt64(verdict.index) | JudgedRecord.isCall)
        return verdict
    }

    /// Gives the memory back of the places in the ring that hold no record; nothing for the hot path.
    package mutating func giveBack() { producer.giveBack() }

    /// Copies the used part of a record to where it lies in the record; a record is twice as long as most of it.
    @inline(__always) @_noLocks @_noAllocation
    private mutating func forward(_ bytes: UnsafeRawPointer, from begin: Int, to end: Int, header: UInt64) {
        guard let place = unsafe producer.reserve() else { return counters.count(.dropped) }
        // SAFETY: the ring's records have room for the header and the largest record; the bytes up to `end` are there to
        // read, and `begin` is not beyond it.
        unsafe place.storeBytes(of: header, as: UInt64.self)
        unsafe (place + (JudgedRecord.header &+ begin)).copyMemory(from: bytes + begin, byteCount: end &- begin)
        producer.commit()
        counters.count(.pushed)
    }
}
