// SPDX-License-Identifier: Apache-2.0
import CLibBPF
import Glibc

/// The rings of a sensor, read in place: records of what is new, and calls of what is traced. One thread at a time. The
/// sensor outlives it. A sensor's own `drainRecords` is not used beside it.
@safe package struct EventRings: ~Copyable {
    /// What libbpf calls for each record, on the thread that polls: the context, the record, its size. The record stays
    /// until it returns. A file-scope function.
    package typealias Callback = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int) -> CInt

    private let raw: OpaquePointer

    /// Opens both rings. `context` belongs to the caller and outlives this value.
    @safe package init(
        _ sensor: Sensor, context: UnsafeMutableRawPointer, onRecord: Callback, onCall: Callback
    ) throws(BPFError) {
        // SAFETY: the callbacks get the caller's context, which outlives the rings by contract.
        guard
            let rings = unsafe ring_buffer__new(
                try sensor.maps.descriptor(of: "rf_priority"), onRecord, context, nil)
        else { throw BPFError(step: .map, subject: "rf_priority", errno: errno) }
        let added = unsafe ring_buffer__add(rings, try sensor.maps.descriptor(of: "rf_bulk"), onCall, context)
        guard added == 0 else {
            unsafe ring_buffer__free(rings)
            throw BPFError(step: .map, subject: "rf_bulk", errno: added)
        }
        unsafe raw = rings
    }

    /// A descriptor that is readable when records wait; calls of a trace do not always wake it.
    package var descriptor: CInt { unsafe ring_buffer__epoll_fd(raw) }

    /// Hands out everything that is in both rings now; returns how many records that were.
    @discardableResult
    package func consume() throws(BPFError) -> Int {
        let result = unsafe ring_buffer__consume(raw)
        guard result >= 0 || result == -EINTR else { throw BPFError(step: .poll, subject: "the rings", errno: result) }
        return max(0, Int(result))
    }

    deinit { unsafe ring_buffer__free(raw) }
}
