// SPDX-License-Identifier: Apache-2.0
import CEvents
import Platform

/// Text in records and slots: bounded, possibly not UTF-8, and written by a container.
enum KernelText {
    /// A path as `RF_PATH` describes it, escaped. `area` points at the whole path field, `offset` at its text.
    @safe static func path(_ area: UnsafeRawPointer, offset: UInt32) -> String {
        guard offset < UInt32(RF_PATH) else { return "" }
        // SAFETY: the caller's area has RF_PATH bytes, and offset is inside it.
        let bytes = unsafe UnsafeRawBufferPointer(start: area + Int(offset), count: Int(RF_PATH) - Int(offset))
        return unsafe HostileText.escaped(bytes.prefix { $0 != 0 })
    }

    /// A task's comm, at most 15 bytes and a NUL, escaped.
    @safe static func comm(_ area: UnsafePointer<CChar>) -> String {
        // SAFETY: every comm field has RF_COMM bytes.
        let bytes = unsafe UnsafeRawBufferPointer(start: area, count: Int(RF_COMM))
        return unsafe HostileText.escaped(bytes.prefix { $0 != 0 })
    }
}
