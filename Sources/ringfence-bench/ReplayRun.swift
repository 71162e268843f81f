// SPDX-License-Identifier: Apache-2.0
import CBench
import CEvents
import Detection
import Events

/// One replay: prepared records, the judge, the ring and both of its ends, on one thread.
@safe struct ReplayRun: ~Copyable {
    private static let policies = 16
    /// Records that are prepared; sent over and over.
    private static let prepared = 1024

    private let replay: Replay
    private let policyMemory: UnsafeMutablePointer<rf_policy>
    private let records: UnsafeMutableRawPointer
    private let stride: Int
    private let counters = HotCounters()
    private let judge: Judge
    private var intake: Intake
    private var consumer: SPSCConsumer
    private var plainProducer: SPSCProducer
    private var plainConsumer: SPSCConsumer
    /// What was taken out, summed, so that no reading is left out.
    private var sum: UInt64 = 0

    init(_ replay: Replay) {
        self.replay = replay
        // SAFETY: policies and records are owned by this value, initialised here and freed in deinit.
        unsafe policyMemory = .allocate(capacity: Self.policies)
        unsafe policyMemory.initialize(repeating: rf_policy(), count: Self.policies)
        let tables = unsafe PolicyTables(policyMemory, count: Self.policies)
        judge = Judge(tables)
        stride = replay.isRecord ? MemoryLayout<rf_record>.stride : MemoryLayout<rf_call>.stride
        unsafe records = .allocate(byteCount: (stride + 128) * Self.prepared, alignment: 64)
        unsafe records.initializeMemory(as: UInt8.self, repeating: 0, count: (stride + 128) * Self.prepared)
        let ring = SPSCRing(recordSize: JudgedRecord.ringRecordSize, capacity: 256)
        let plain = SPSCRing(recordSize: 128, capacity: 256)
        intake = Intake(judge: judge, into: ring.takeProducer(), counting: counters)
        consumer = ring.takeConsumer()
        plainProducer = plain.takeProducer()
        plainConsumer = plain.takeConsumer()
        var bits = PolicyBits.nothing
        bits.set(0..<300, of: .native, session: false)
        for index in 0..<Self.policies { tables.fill(index, with: bits, serial: 1, profile: 1) }
        prepare()
    }

    deinit {
        unsafe records.deallocate()
        unsafe policyMemory.deallocate()
    }

    private func prepare() {
        // The same numbers in every run: instruction counts are compared.
        for index in 0..<Self.prepared {
            let number = Int64(index * 7 % 300)
            let policy = UInt32(index % Self.policies) + 1
            if replay.isRecord {
                // SAFETY: the place lies in the memory that init made.
                unsafe (records + index * stride).storeBytes(of: record(index, policy, number), as: rf_record.self)
            } else {
                var call = rf_call()
                call.phase = UInt8(Phase.workload.rawValue)
                call.policy = policy
                call.number = replay == .callsMixed && index % 100 == 99 ? 400 : number
                call.allowed = call.number == 400 ? 0 : 1
                // SAFETY: as above.
                unsafe (records + index * stride).storeBytes(of: call, as: rf_call.self)
            }
        }
    }

    private func record(_ index: Int, _ policy: UInt32, _ number: Int64) -> rf_record {
        var record = rf_record()
        record.kind = replay == .verdicts ? UInt32(index % Int(RF_KINDS)) : RecordKind.deviation.rawValue
        record.phase = Phase.workload.rawValue
        record.abi = replay == .verdictForeign ? CallABI.compat.rawValue : CallABI.native.rawValue
        record.policy = policy
        record.number = 300 + number % 200
        record.path_offset = UInt32(RF_PATH) - (replay == .deviationsLong ? 256 : 25)
        record.ancestor_count = replay == .deviationsLong ? UInt32(RF_ANCESTORS) : 4
        return record
    }

    /// Sends `count` records and says how long that took and how often it allocated; throws if the counters do not say
    /// that every one was judged and taken.
    @discardableResult
    mutating func replay(_ count: Int) throws(BenchmarkError) -> (nanoseconds: UInt64, allocations: UInt64) {
        let before = counters.snapshot
        let allocations = rf_bench_allocations()
        let start = rf_bench_now()
        let taken =
            switch replay {
            case .callsAllowed, .callsMixed: calls(count)
            case .verdicts, .verdictForeign: verdicts(count)
            case .deviations, .deviationsLong: deviations(count)
            case .ring128: plain(count)
            }
        let cost = (nanoseconds: rf_bench_now() - start, allocations: rf_bench_allocations() - allocations)
        let after = counters.snapshot
        let judged = after.judged - before.judged
        let pushed = after[.pushed] - before[.pushed]
        guard replay == .ring128 ? taken == UInt64(count) : judged == UInt64(count) && taken == pushed,
            after[.malformed] == 0, after[.dropped] == 0, after[.disagreed] == 0
        else { throw .unavailable("\(count) records were sent, \(judged) judged, \(pushed) pushed, \(taken) taken") }
        guard replay != .verdictForeign || after[.foreignABI] - before[.foreignABI] == UInt64(count) else {
            throw .unavailable("the records were not judged as another ABI's")
        }
        return cost
    }

    /// To the verdict and no further: nothing is taken.
    private mutating func verdicts(_ count: Int) -> UInt64 {
        let counter = counters.writer
        for index in 0..<count {
            // SAFETY: the place holds a whole record.
            let record = unsafe (records + (index & (Self.prepared - 1)) * stride).assumingMemoryBound(
                to: rf_record.self)
            counter.count(unsafe judge.judge(record))
        }
        return 0
    }

    private mutating func calls(_ count: Int) -> UInt64 {
        var taken: UInt64 = 0
        for index in 0..<count {
            // SAFETY: the place holds a whole call.
            let call = unsafe records + (index & (Self.prepared - 1)) * stride
            // A pattern: `==` of an enum with raw values is generic, and slow in another module.
            if case .expected = unsafe intake.take(call: call, size: 120) { continue }
            taken += drain()
        }
        return taken
    }

    private mutating func deviations(_ count: Int) -> UInt64 {
        var taken: UInt64 = 0
        for index in 0..<count {
            // SAFETY: the place holds a whole record.
            unsafe intake.take(record: records + (index & (Self.prepared - 1)) * stride, size: stride)
            // The writer thread, too, finds more than one when it is woken.
            if index & 63 == 63 { taken += drain() }
        }
        return taken + drain()
    }

    private mutating func plain(_ count: Int) -> UInt64 {
        var taken: UInt64 = 0
        for index in 0..<count {
            // SAFETY: 128 bytes lie at each place, the last one included.
            guard unsafe plainProducer.push(records + (index & (Self.prepared - 1)) * stride) else { continue }
            while let place = unsafe plainConsumer.peek() {
                sum &+= unsafe place.load(as: UInt64.self)
                plainConsumer.advance()
                taken += 1
            }
        }
        return taken
    }

    private mutating func drain() -> UInt64 {
        var taken: UInt64 = 0
        while let place = unsafe consumer.peek() {
            // SAFETY: the place holds what an intake wrote, a word with the verdict first, until advance.
            sum &+= unsafe place.load(as: UInt64.self)
            consumer.advance()
            taken += 1
        }
        return taken
    }
}
