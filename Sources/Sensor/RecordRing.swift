// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
import Events
import Glibc

/// The consumer's end of a ring of records. One thread at a time.
@safe struct RecordRing: ~Copyable {
    private let raw: OpaquePointer
    private let batch: UnsafeMutablePointer<[Record]>

    /// Opens the ring behind a map's descriptor.
    init(descriptor: CInt) throws(BPFError) {
        unsafe batch = .allocate(capacity: 1)
        unsafe batch.initialize(to: [])
        // SAFETY: `batch` outlives the ring: both are freed in deinit, the ring first.
        guard let ring = unsafe ring_buffer__new(descriptor, collect, batch, nil) else {
            let reason = errno
            unsafe batch.deinitialize(count: 1)
            unsafe batch.deallocate()
            throw BPFError(step: .map, subject: "rf_priority", errno: reason)
        }
        unsafe raw = ring
    }

    /// A descriptor that is readable when records wait; owned by the ring.
    var descriptor: CInt { unsafe ring_buffer__epoll_fd(raw) }

    /// Takes every record that is in the ring now, oldest first.
    mutating func drain() throws(BPFError) -> [Record] {
        let result = unsafe ring_buffer__consume(raw)
        defer { unsafe batch.pointee.removeAll(keepingCapacity: true) }
        guard result >= 0 else { throw BPFError(step: .poll, subject: "rf_priority", errno: result) }
        return unsafe batch.pointee
    }

    deinit {
        unsafe ring_buffer__free(raw)
        unsafe batch.deinitialize(count: 1)
        unsafe batch.deallocate()
    }
}

/// libbpf calls this for every record, on the thread that drains the ring.
private func collect(_ context: UnsafeMutableRawPointer?, _ data: UnsafeMutableRawPointer?, _ size: Int) -> CInt {
    // SAFETY: `context` is the batch given to ring_buffer__new; `data` is a record of `size` bytes until we return.
    guard let batch = unsafe context?.assumingMemoryBound(to: [Record].self), size >= MemoryLayout<rf_record>.size,
        let record = unsafe data.flatMap({ unsafe Record(copying: $0.assumingMemoryBound(to: rf_record.self)) })
    else { return 0 }
    unsafe batch.pointee.append(record)
    return 0
}
