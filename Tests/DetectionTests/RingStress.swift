// SPDX-License-Identifier: Apache-2.0
import Detection
import Glibc
import Synchronization

/// One producer thread and the calling thread as consumer, with records that carry a sequence number and a checksum.
enum RingStress {
    struct Result {
        var received: UInt64 = 0
        /// Records whose words do not belong together.
        var broken: UInt64 = 0
        /// Records that came after a later one, or twice; with a producer that waits, also those after a gap.
        var outOfOrder: UInt64 = 0
        /// As the ring counted them.
        var dropped: UInt64 = 0
        /// Refusals after which the producer tried the same record again.
        var retries: UInt64 = 0
    }

    /// What the producer thread owns.
    private final class Job: @unchecked Sendable {
        var producer: SPSCProducer
        let records: UInt64
        let waits: Bool
        let retries = Atomic<UInt64>(0)
        let isDone = Atomic<Bool>(false)

        init(_ producer: consuming SPSCProducer, records: UInt64, waits: Bool) {
            self.producer = producer
            self.records = records
            self.waits = waits
        }

        func run() {
            var record = InlineArray<16, UInt64>(repeating: 0)
            var refused: UInt64 = 0
            for sequence in 0..<records {
                let salt = sequence &* 0x9E37_79B9_7F4A_7C15
                for word in 1..<15 { record[word] = salt &+ UInt64(word) }
                record[0] = sequence
                record[15] = ~sequence
                while unsafe !producer.push(&record) {
                    guard waits else { break }
                    refused &+= 1
                    if refused & 0xFF == 0 { sched_yield() }
                }
            }
            retries.store(refused, ordering: .relaxed)
            isDone.store(true, ordering: .releasing)
        }
    }

    /// Sends `records` records through a ring; nil if the thread cannot be made or does not end within `seconds`.
    static func run(records: UInt64, capacity: Int, waits: Bool, seconds: Int) -> Result? {
        let ring = SPSCRing(recordSize: 128, capacity: capacity)
        var consumer = ring.takeConsumer()
        let job = Job(ring.takeProducer(), records: records, waits: waits)
        var thread = pthread_t()
        // SAFETY: the job is retained for the thread, which gives the reference back when it ends.
        let context = unsafe Unmanaged.passRetained(job).toOpaque()
        guard unsafe pthread_create(&thread, nil, produce, context) == 0 else { return nil }
        defer { pthread_join(thread, nil) }
        var result = Result()
        var expected: UInt64 = 0
        let deadline = ContinuousClock.now + .seconds(seconds)
        var idle: UInt64 = 0
        while true {
            // Read before the ring: what is pushed before the end is then seen below.
            let isDone = job.isDone.load(ordering: .acquiring)
            guard let place = unsafe consumer.peek() else {
                if isDone { break }
                idle &+= 1
                if idle & 0xFF == 0 { sched_yield() }
                if idle & 0xFFFFF == 0, ContinuousClock.now > deadline { return nil }
                continue
            }
            let words = unsafe place.assumingMemoryBound(to: UInt64.self)
            let sequence = unsafe words[0]
            let salt = sequence &* 0x9E37_79B9_7F4A_7C15
            var wrong = unsafe words[15] ^ ~sequence
            for word in 1..<15 { unsafe wrong |= words[word] ^ (salt &+ UInt64(word)) }
            if wrong != 0 { result.broken += 1 }
            if waits ? sequence != expected : sequence < expected { result.outOfOrder += 1 }
            expected = sequence &+ 1
            result.received += 1
            consumer.advance()
        }
        result.dropped = ring.dropped
        result.retries = job.retries.load(ordering: .relaxed)
        return result
    }

    private static let produce: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        // SAFETY: the context is the retained job of `run`.
        if let context = unsafe context { unsafe Unmanaged<Job>.fromOpaque(context).takeRetainedValue().run() }
        return nil
    }
}
