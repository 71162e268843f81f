// SPDX-License-Identifier: Apache-2.0
import CSensorObjects
import Platform

/// FNV-1a over 64 bits: tells set-ups apart, protects against nothing.
struct Fingerprint {
    private var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Adds bytes in their order.
    @safe mutating func add(_ bytes: UnsafeRawBufferPointer) {
        // SAFETY: the buffer is read within this call.
        unsafe bytes.forEach { value = (value ^ UInt64($0)) &* 0x100_0000_01b3 }
    }

    /// Adds a BPF object; the embedded one if none is given.
    mutating func add(object: [UInt8]?) {
        if let object { return unsafe object.withUnsafeBytes { add($0) } }
        // SAFETY: the object's bytes are static.
        unsafe add(UnsafeRawBufferPointer(start: rf_object_bytes(), count: rf_object_size()))
    }

    /// Sixteen hexadecimal digits.
    var text: String { String(value, radix: 16, digits: 16) }
}
