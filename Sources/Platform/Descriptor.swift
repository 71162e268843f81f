// SPDX-License-Identifier: Apache-2.0
package import Glibc

/// An open file descriptor. It is closed when the value dies; it cannot be copied, so nothing closes it twice.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, valid as long as the value lives.
    package let number: CInt

    /// Takes over an open descriptor that nothing else owns.
    package init(owning number: CInt) {
        precondition(number >= 0, "not a descriptor")
        self.number = number
    }

    /// open(2) with O_CLOEXEC added, repeated when a signal interrupts it.
    package init(
        opening path: String, _ flags: CInt, mode: mode_t = 0, step: String = "open"
    ) throws(SystemError) {
        self = try Self.open(at: AT_FDCWD, path, flags, mode: mode, step: step, subject: path)
    }

    /// openat(2) of a name below this directory, with O_CLOEXEC added. `subject` is what an error names.
    package borrowing func open(
        _ name: String, _ flags: CInt, mode: mode_t = 0, step: String = "open", subject: String
    ) throws(SystemError) -> Descriptor {
        try Self.open(at: number, name, flags, mode: mode, step: step, subject: subject)
    }

    private static func open(
        at directory: CInt, _ name: String, _ flags: CInt, mode: mode_t, step: String, subject: String
    ) throws(SystemError) -> Descriptor {
        // The kernel would read a name only up to a zero byte, and open something else.
        guard !name.utf8.contains(0) else { throw SystemError(step, subject, errno: EINVAL) }
        while true {
            // SAFETY: the name is a string that outlives the call.
            let descriptor = unsafe openat(directory, name, flags | O_CLOEXEC, mode)
            let failure = errno
            if descriptor >= 0 { return Descriptor(owning: descriptor) }
            guard failure == EINTR else { throw SystemError(step, subject, errno: failure) }
        }
    }

    /// fstat(2).
    package borrowing func status(of subject: String) throws(SystemError) -> stat {
        var status = stat()
        // SAFETY: `status` is ours for the length of the call.
        guard unsafe fstat(number, &status) == 0 else {
            throw SystemError("read the status of", subject, errno: errno)
        }
        return status
    }

    /// Writes all of `bytes`, however many write(2) calls that takes.
    package borrowing func write(_ bytes: [UInt8], to subject: String) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            // SAFETY: the pointer is into `bytes`, which outlives the call; the length is what is left of it.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(number, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            let failure = errno
            if count > 0 {
                written += count
            } else if count == 0 || failure != EINTR {
                throw SystemError("write", subject, errno: count == 0 ? ENOSPC : failure)
            }
        }
    }

    /// Reads up to `limit` bytes from where the descriptor stands, fewer only at the end of the file.
    package borrowing func read(upTo limit: Int, from subject: String) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit, 1 << 16))
        while bytes.count < limit {
            let wanted = min(chunk.count, limit - bytes.count)
            // SAFETY: the pointer is into `chunk`, which has at least `wanted` bytes and outlives the call.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(number, $0.baseAddress, wanted) }
            let failure = errno
            if count == 0 { break }
            if count > 0 {
                bytes.append(contentsOf: chunk[..<count])
            } else if failure != EINTR {
                throw SystemError("read", subject, errno: failure)
            }
        }
        return bytes
    }

    deinit { _ = close(number) }
}
