// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// Reads what is added to a file that others append lines to.
struct GrowingFile: ~Copyable {
    private let descriptor: CInt
    private var rest: [UInt8] = []

    init(_ path: String) { descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_CREAT, 0o600) }

    /// Whole lines that have come since the last time.
    mutating func lines() -> [[UInt8]] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // SAFETY: at most the buffer's length is written into it, within the call.
            let count = unsafe read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            rest += buffer.prefix(count)
        }
        guard let end = rest.lastIndex(of: 0x0A) else { return [] }
        let lines = rest[..<end].split(separator: 0x0A).map(Array.init)
        rest.removeFirst(end + 1)
        return lines
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
