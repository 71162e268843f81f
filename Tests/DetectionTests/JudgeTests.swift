// SPDX-License-Identifier: Apache-2.0
import CEvents
import Detection
import Events
import TestSupport
import Testing

@Suite("Judge")
struct JudgeTests {
    /// Policies of every density, the same in the array and in the reference.
    private static func policies(_ random: inout SeededGenerator) -> (PolicyArray, ReferenceJudge) {
        let array = PolicyArray(count: 64)
        var reference = ReferenceJudge()
        for index in 0..<64 {
            var bits = PolicyBits.nothing
            var policy = ReferenceJudge.Policy()
            let density = random.next() % 5
            for session in [false, true] {
                for abi in CallABI.allCases where !(abi != .native && random.once(in: 2)) {
                    let numbers = (0..<576).filter { _ in random.next() % 4 < density }
                    bits.set(numbers, of: abi, session: session)
                    policy.calls[session, default: [:]][abi.rawValue] = Set(numbers)
                }
                let operations = (0..<128).filter { _ in random.next() % 4 < density }
                bits.set(operations: operations, session: session)
                policy.operations[session] = Set(operations)
            }
            array.tables.fill(index, with: bits, serial: UInt64(index), profile: 0)
            reference.policies.append(policy)
        }
        return (array, reference)
    }

    /// Mostly plausible, at times just outside, at times anything.
    private static func question(_ random: inout SeededGenerator) -> ReferenceJudge.Question {
        func field(_ bound: UInt64, _ random: inout SeededGenerator) -> UInt32 {
            random.once(in: 40) ? UInt32(truncatingIfNeeded: random.next()) : UInt32(random.next() % bound)
        }
        let number =
            random.once(in: 20)
            ? Int64(bitPattern: random.next()) : Int64(bitPattern: random.next() % 600) - (random.once(in: 20) ? 30 : 0)
        return ReferenceJudge.Question(
            kind: field(UInt64(RF_KINDS) + 1, &random), phase: field(7, &random), abi: field(4, &random),
            policy: field(67, &random), number: number)
    }

    @Test("the judge and a reference over sets agree on 100,000 random records")
    func agrees() {
        var random = SeededGenerator(seed: 0x5EED)
        let (array, reference) = Self.policies(&random)
        let judge = Judge(array.tables)
        var seen: [Verdict: Int] = [:]
        for _ in 0..<100_000 {
            let asked = Self.question(&random)
            var record = rf_record()
            record.kind = asked.kind
            record.phase = asked.phase
            record.abi = asked.abi
            record.policy = asked.policy
            record.number = asked.number
            let verdict = unsafe judge.judge(&record)
            seen[verdict, default: 0] += 1
            guard verdict == reference.verdict(asked) else {
                Issue.record("\(asked): the judge says \(verdict), the reference \(reference.verdict(asked))")
                return
            }
        }
        for verdict in Verdict.allCases { #expect(seen[verdict, default: 0] > 100, "\(verdict) was hardly tried") }
    }

    @Test("calls of the full trace are judged as a first use is, whatever the kernel said of them")
    func judgesCalls() {
        var random = SeededGenerator(seed: 0xCA11)
        let (array, reference) = Self.policies(&random)
        let judge = Judge(array.tables)
        for _ in 0..<100_000 {
            var asked = Self.question(&random)
            asked.kind = RecordKind.firstUse.rawValue
            asked.phase &= 0xFF
            asked.abi &= 0xFF
            var call = rf_call()
            call.phase = UInt8(asked.phase)
            call.abi = UInt8(asked.abi)
            call.policy = asked.policy
            call.number = asked.number
            call.allowed = UInt8(random.next() & 1)
            let verdict = unsafe judge.judge(call: &call)
            guard verdict == reference.verdict(asked) else {
                Issue.record("\(asked): the judge says \(verdict), the reference \(reference.verdict(asked))")
                return
            }
        }
    }

    @Test("any bytes of any size give a verdict, and too few or misaligned ones are malformed")
    func anyBytes() {
        var random = SeededGenerator(seed: 0xF022)
        let (array, _) = Self.policies(&random)
        let judge = Judge(array.tables)
        let whole = MemoryLayout<rf_record>.size
        // SAFETY: the buffer is larger than a record and freed below; sizes given are at most what is behind them.
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: whole + 64, alignment: 64)
        defer { unsafe memory.deallocate() }
        for round in 0..<20_000 {
            // Small bytes make plausible kinds, phases and ABIs; all bytes make the rest.
            let mask: UInt8 = round % 2 == 0 ? 0xFF : 0x01
            for index in memory.indices {
                unsafe memory[index] = UInt8(truncatingIfNeeded: random.next()) & mask
            }
            guard let base = memory.baseAddress else { return }
            let record = unsafe base.assumingMemoryBound(to: rf_record.self)
            let call = unsafe base.assumingMemoryBound(to: rf_call.self)
            _ = unsafe judge.judge(record, size: whole)
            _ = unsafe judge.judge(call: call, size: MemoryLayout<rf_call>.size)
            let size = Int(random.next() % UInt64(whole))
            #expect(unsafe judge.judge(record, size: size) == .malformed)
            #expect(unsafe judge.judge(call: call, size: size % MemoryLayout<rf_call>.size) == .malformed)
            let shift = Int(random.next() % 7) + 1
            let misaligned = unsafe (base + shift).assumingMemoryBound(to: rf_record.self)
            #expect(unsafe judge.judge(misaligned, size: whole) == .malformed)
        }
        let null = unsafe UnsafePointer<rf_record>(bitPattern: 8)
        if let null = unsafe null { #expect(unsafe judge.judge(null, size: -1) == .malformed) }
    }

    @Test("an ABI of which the policy allows no call is foreign, whatever sessions may use, and not to those")
    func foreign() {
        let array = PolicyArray(count: 2)
        var bits = PolicyBits.nothing
        bits.set([1], of: .native, session: false)
        array.tables.fill(0, with: bits, serial: 1, profile: 1)
        bits.set([4], of: .compat, session: true)
        array.tables.fill(1, with: bits, serial: 2, profile: 1)
        let judge = Judge(array.tables)
        var record = rf_record()
        record.kind = RecordKind.deviation.rawValue
        record.phase = Phase.workload.rawValue
        record.abi = CallABI.compat.rawValue
        record.number = 11
        record.policy = 1
        #expect(unsafe judge.judge(&record) == .foreignABI)
        record.policy = 2
        #expect(unsafe judge.judge(&record) == .foreignABI)
        record.phase = Phase.sessionWorkload.rawValue
        #expect(unsafe judge.judge(&record) == .deviation)
        record.phase = Phase.workload.rawValue
        record.abi = CallABI.native.rawValue
        #expect(unsafe judge.judge(&record) == .deviation)
        record.number = 9999
        #expect(unsafe judge.judge(&record) == .outOfRange)
    }

    @Test("a deviation stays one although the table has changed since")
    func failsClosed() {
        let array = PolicyArray(count: 1)
        array.tables.fill(0, with: .everything, serial: 1, profile: 1)
        var record = rf_record()
        record.kind = RecordKind.deviation.rawValue
        record.phase = Phase.workload.rawValue
        record.policy = 1
        record.number = 59
        #expect(unsafe Judge(array.tables).judge(&record) == .deviation)
        record.kind = RecordKind.firstUse.rawValue
        #expect(unsafe Judge(array.tables).judge(&record) == .expected)
    }
}
