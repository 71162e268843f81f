// SPDX-License-Identifier: Apache-2.0
import Detection
import FoundationEssentials
import Glibc
import Testing

@Suite("SPSCRing")
struct SPSCRingTests {
    @Test("records come out as they went in, in order, through every place of the ring", arguments: [1, 2, 8, 64])
    func order(capacity: Int) {
        let ring = SPSCRing(recordSize: 24, capacity: capacity)
        var producer = ring.takeProducer()
        var consumer = ring.takeConsumer()
        var next: UInt64 = 0
        var expected: UInt64 = 0
        for round in 0..<200 {
            for _ in 0..<(round % capacity + 1) {
                var record: (UInt64, UInt64, UInt64) = (next, ~next, next &* 3)
                #expect(unsafe producer.push(&record))
                next += 1
            }
            while let place = unsafe consumer.peek() {
                let record = unsafe place.load(as: (UInt64, UInt64, UInt64).self)
                #expect(record == (expected, ~expected, expected &* 3))
                expected += 1
                consumer.advance()
            }
        }
        #expect(next == expected)
        #expect(ring.pushed == next && ring.taken == next && ring.dropped == 0)
    }

    @Test("a full ring refuses and counts, and has room again for each record that is taken", arguments: [1, 4, 1024])
    func full(capacity: Int) {
        let ring = SPSCRing(recordSize: 8, capacity: capacity)
        var producer = ring.takeProducer()
        var consumer = ring.takeConsumer()
        #expect(unsafe consumer.peek() == nil)
        for number in 0..<UInt64(capacity) {
            var record = number
            #expect(unsafe producer.push(&record))
        }
        #expect(ring.pushed - ring.taken == UInt64(capacity))
        for number in 0..<UInt64(10) {
            var record = UInt64.max
            #expect(unsafe !producer.push(&record))
            #expect(ring.dropped == number + 1)
        }
        #expect(unsafe producer.reserve() == nil)
        #expect(ring.dropped == 11)
        _ = unsafe consumer.peek()
        consumer.advance()
        var record = UInt64(capacity)
        #expect(unsafe producer.push(&record))
        #expect(unsafe !producer.push(&record))
        for number in 1...UInt64(capacity) {
            #expect(unsafe consumer.peek()?.load(as: UInt64.self) == number)
            consumer.advance()
        }
        #expect(unsafe consumer.peek() == nil)
        #expect(ring.pushed == UInt64(capacity) + 1 && ring.dropped == 12)
    }

    @Test("peeking twice gives the same record, and advancing without one does nothing")
    func peeking() {
        let ring = SPSCRing(recordSize: 8, capacity: 2)
        var producer = ring.takeProducer()
        var consumer = ring.takeConsumer()
        consumer.advance()
        #expect(ring.taken == 0)
        var record: UInt64 = 41
        _ = unsafe producer.push(&record)
        #expect(unsafe consumer.peek() == consumer.peek())
        consumer.advance()
        consumer.advance()
        #expect(ring.taken == 1)
    }

    @Test("a reserved record is seen only after commit, and neighbours do not overlap")
    func reserving() {
        let ring = SPSCRing(recordSize: 65, capacity: 4)
        var producer = ring.takeProducer()
        var consumer = ring.takeConsumer()
        for value in UInt8(1)...4 {
            let place = unsafe producer.reserve()
            #expect(unsafe place != nil)
            unsafe place?.initializeMemory(as: UInt8.self, repeating: value, count: 65)
            #expect(ring.pushed == UInt64(value) - 1)
            #expect(unsafe producer.reserve() == place)
            producer.commit()
        }
        for value in UInt8(1)...4 {
            let bytes = unsafe consumer.peek().map { unsafe UnsafeRawBufferPointer(start: $0, count: 65) }
            #expect(unsafe bytes?.allSatisfy { $0 == value } == true)
            consumer.advance()
        }
    }

    @Test("memory that is given back takes no record with it, wherever in the ring the records lie")
    func givingBack() {
        // Records of 4,096 bytes: pages between them belong to nobody else.
        let ring = SPSCRing(recordSize: 4096, capacity: 8)
        var producer = ring.takeProducer()
        var consumer = ring.takeConsumer()
        var next: UInt64 = 0
        var expected: UInt64 = 0
        for round in 0..<64 {
            while next - expected < UInt64(round % 9) {
                let place = unsafe producer.reserve()
                unsafe place?.initializeMemory(as: UInt64.self, repeating: next &+ 1, count: 512)
                producer.commit()
                next += 1
            }
            producer.giveBack()
            for _ in 0..<(round % 5) {
                guard let place = unsafe consumer.peek() else { break }
                let words = unsafe UnsafeBufferPointer(start: place.assumingMemoryBound(to: UInt64.self), count: 512)
                #expect(unsafe words.allSatisfy { $0 == expected &+ 1 })
                expected += 1
                consumer.advance()
            }
        }
        #expect(expected > 64 && ring.dropped == 0)
    }

    @Test("memory that is given back is the system's again, as far as it lies in whole pages")
    func memory() throws {
        let ring = SPSCRing(recordSize: 4096, capacity: 1024)
        var producer = ring.takeProducer()
        var consumer = ring.takeConsumer()
        for _ in 0..<1024 {
            _ = unsafe producer.reserve()?.initializeMemory(as: UInt8.self, repeating: 7, count: 4096)
            producer.commit()
        }
        let place = unsafe consumer.peek().map { UInt(bitPattern: $0) }
        let first = try #require(place)
        for _ in 0..<1023 { _ = unsafe consumer.peek(); consumer.advance() }
        let resident = {
            var pages = [UInt8](repeating: 0, count: 1023)
            // SAFETY: mincore(2) writes one byte for each of these pages, which lie in the ring.
            let base = unsafe UnsafeMutableRawPointer(bitPattern: (first + 4095) & ~4095)
            return unsafe mincore(base, 1023 * 4096, &pages) == 0 ? pages.count { $0 & 1 == 1 } : nil
        }
        #expect(resident() == 1023)
        producer.giveBack()
        // The last record has not been taken: the pages that it lies in stay.
        #expect(try #require(resident()) <= 2)
        #expect(unsafe consumer.peek()?.load(as: UInt8.self) == 7)
    }

    @Test("the memory lives as long as any end")
    func lifetime() {
        var ring: SPSCRing? = SPSCRing(recordSize: 8, capacity: 2)
        weak let watched = ring
        do {
            guard var producer = ring?.takeProducer() else { return }
            ring = nil
            #expect(watched != nil)
            var record: UInt64 = 1
            #expect(unsafe producer.push(&record))
        }
        #expect(watched == nil)
    }

    @Test("an end is handed out once")
    func once() async {
        await #expect(processExitsWith: .failure) {
            let ring = SPSCRing(recordSize: 8, capacity: 2)
            var first = ring.takeProducer()
            var second = ring.takeProducer()
            first.commit()
            second.commit()
        }
    }

    @Test("a capacity that is not a power of two is refused", arguments: [0, 3, 1000, 1 << 25])
    func capacities(capacity: Int) async {
        await #expect(processExitsWith: .failure) { [capacity] in
            _ = SPSCRing(recordSize: 8, capacity: capacity)
        }
    }

    @Test("two threads: every record arrives whole and in order, and what is missing was counted")
    func stress() throws {
        let isSoak = ProcessInfo.processInfo.environment["RINGFENCE_SOAK"] == "1"
        let count: UInt64 = isSoak ? 100_000_000 : 1_500_000
        let clock = ContinuousClock()
        let start = clock.now
        // A producer that waits loses nothing; one that does not loses what it counts. 128 bytes: many words to tear.
        for waits in [true, false] {
            let result = try #require(RingStress.run(records: count, capacity: 256, waits: waits, seconds: 900))
            #expect(result.broken == 0)
            #expect(result.outOfOrder == 0)
            #expect(result.received + result.dropped == count + result.retries)
            #expect(waits ? result.received == count : result.retries == 0)
        }
        print("SPSC stress: 2 x \(count) records of 128 bytes in \(clock.now - start)")
    }
}
