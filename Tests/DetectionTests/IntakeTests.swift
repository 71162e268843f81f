// SPDX-License-Identifier: Apache-2.0
import CEvents
import Detection
import Events
import Testing

@Suite("Intake")
struct IntakeTests {
    private let array = PolicyArray(count: 2)
    private let counters = HotCounters()

    /// A workload's first use of `number` under policy 1, which allows 0 and 1.
    private func record(_ number: Int64, policy: UInt32 = 1) -> rf_record {
        var bits = PolicyBits.nothing
        bits.set([0, 1], of: .native, session: false)
        array.tables.fill(0, with: bits, serial: 1, profile: 1)
        var record = rf_record()
        record.kind = RecordKind.firstUse.rawValue
        record.phase = Phase.workload.rawValue
        record.policy = policy
        record.number = number
        record.pid = UInt32(truncatingIfNeeded: number)
        return record
    }

    private func take(_ record: rf_record, into intake: inout Intake) -> Verdict {
        var copy = record
        return unsafe intake.take(record: &copy, size: MemoryLayout<rf_record>.size)
    }

    @Test("what is expected is counted and stays, the rest reaches the writer with its verdict")
    func forwards() throws {
        let ring = SPSCRing(recordSize: JudgedRecord.ringRecordSize, capacity: 8)
        var intake = Intake(judge: Judge(array.tables), into: ring.takeProducer(), counting: counters)
        var consumer = ring.takeConsumer()
        #expect(take(record(1), into: &intake) == .expected)
        #expect(unsafe consumer.peek() == nil)
        #expect(take(record(59), into: &intake) == .deviation)
        let place = unsafe try #require(consumer.peek())
        let judged = unsafe JudgedRecord(place)
        #expect(judged.verdict == .deviation)
        #expect(unsafe judged.record?.pointee.number == 59)
        #expect(unsafe judged.record?.pointee.pid == 59)
        #expect(unsafe judged.call == nil)
        let counts = counters.snapshot
        #expect(counts[.expected] == 1 && counts[.deviation] == 1 && counts.judged == 2)
        #expect(counts[.pushed] == 1 && counts[.dropped] == 0)
    }

    @Test("of a record the used part arrives, from its path's text to its last ancestor, whatever lay there before")
    func usedPart() throws {
        let ring = SPSCRing(recordSize: JudgedRecord.ringRecordSize, capacity: 1)
        var intake = Intake(judge: Judge(array.tables), into: ring.takeProducer(), counting: counters)
        var consumer = ring.takeConsumer()
        let whole = MemoryLayout<rf_record>.size
        let fixed = whole - Int(RF_ANCESTORS) * MemoryLayout<rf_ancestor>.size
        // Beyond the bounds: everything is copied, and nothing else.
        let shapes: [(offset: UInt32, count: UInt32)] = [(0, 8), (231, 4), (255, 0), (7, 1), (256, 9), (.max, .max)]
        for (round, shape) in shapes.enumerated() {
            var sent = record(59)
            unsafe withUnsafeMutableBytes(of: &sent) { bytes in
                for index in 0..<Int(RF_PATH) { unsafe bytes[index] = UInt8(truncatingIfNeeded: index &+ round) }
                for index in fixed..<whole { unsafe bytes[index] = UInt8(truncatingIfNeeded: index &- round) }
            }
            sent.path_offset = shape.offset
            sent.ancestor_count = shape.count
            #expect(take(sent, into: &intake) == .deviation)
            let place = unsafe try #require(consumer.peek())
            let got = unsafe try #require(JudgedRecord(place).record)
            let first = shape.offset < UInt32(RF_PATH) ? Int(shape.offset) : 0
            let last = fixed + Int(min(shape.count, UInt32(RF_ANCESTORS))) * MemoryLayout<rf_ancestor>.size
            // SAFETY: both are whole records, and outlive the comparison.
            let isEqual = unsafe withUnsafeBytes(of: &sent) { bytes in
                unsafe bytes[first..<last].elementsEqual(UnsafeRawBufferPointer(start: got, count: whole)[first..<last])
            }
            #expect(isEqual, "offset \(shape.offset), \(shape.count) ancestors")
            consumer.advance()
        }
    }

    @Test("a call of the full trace is told from a record, and a disagreement with the kernel is counted")
    func calls() throws {
        let ring = SPSCRing(recordSize: JudgedRecord.ringRecordSize, capacity: 8)
        var intake = Intake(judge: Judge(array.tables), into: ring.takeProducer(), counting: counters)
        var consumer = ring.takeConsumer()
        _ = record(0)
        var call = rf_call()
        call.phase = UInt8(RF_PHASE_WORKLOAD)
        call.policy = 1
        call.number = 59
        call.tgid = 77
        #expect(unsafe intake.take(call: &call, size: MemoryLayout<rf_call>.size) == .deviation)
        #expect(counters.snapshot[.disagreed] == 0)
        call.allowed = 1
        #expect(unsafe intake.take(call: &call, size: MemoryLayout<rf_call>.size) == .deviation)
        #expect(counters.snapshot[.disagreed] == 1)
        call.number = 1
        #expect(unsafe intake.take(call: &call, size: MemoryLayout<rf_call>.size) == .expected)
        let place = unsafe try #require(consumer.peek())
        let judged = unsafe JudgedRecord(place)
        #expect(unsafe judged.call?.pointee.tgid == 77)
        #expect(unsafe judged.record == nil)
        #expect(ring.pushed == 2)
    }

    @Test("malformed bytes are counted and go no further, nor does a full ring stop the counting")
    func counts() {
        let ring = SPSCRing(recordSize: JudgedRecord.ringRecordSize, capacity: 2)
        var intake = Intake(judge: Judge(array.tables), into: ring.takeProducer(), counting: counters)
        var short = record(1)
        #expect(unsafe intake.take(record: &short, size: MemoryLayout<rf_record>.size - 1) == .malformed)
        for number in Int64(2)..<7 { #expect(take(record(number), into: &intake) == .deviation) }
        let counts = counters.snapshot
        #expect(counts[.malformed] == 1 && counts[.deviation] == 5)
        #expect(counts[.pushed] == 2 && counts[.dropped] == 3 && ring.dropped == 3)
    }

    @Test("a policy beyond the array is a deviation and is counted by itself")
    func unknownPolicy() {
        let ring = SPSCRing(recordSize: JudgedRecord.ringRecordSize, capacity: 8)
        var intake = Intake(judge: Judge(array.tables), into: ring.takeProducer(), counting: counters)
        #expect(take(record(1, policy: 3), into: &intake) == .deviation)
        #expect(take(record(1, policy: 2), into: &intake) == .deviation)
        #expect(counters.snapshot[.unknownPolicy] == 1)
    }

    @Test("a ring with smaller records is refused")
    func smallRing() async {
        await #expect(processExitsWith: .failure) {
            let ring = SPSCRing(recordSize: 64, capacity: 2)
            _ = Intake(judge: Judge(PolicyArray(count: 1).tables), into: ring.takeProducer(), counting: HotCounters())
        }
    }

    @Test("counts of two threads add up")
    func sum() {
        let other = HotCounters()
        counters.writer.count(.denied)
        other.writer.count(.denied)
        other.writer.count(.dropped)
        var sum = counters.snapshot
        sum += other.snapshot
        #expect(sum[.denied] == 2 && sum[.dropped] == 1 && sum.judged == 2)
    }
}
