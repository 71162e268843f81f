// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A descriptor that is written to without ever waiting: a pipe, a socket, a terminal or a file.
package struct NonBlockingOutput: ~Copyable {
    /// How a write ended.
    package enum Outcome: Equatable, Sendable {
        /// So many bytes were taken, at least one.
        case wrote(Int)
        /// The other side must read first.
        case wouldBlock
        /// The kernel's error number; EPIPE if nobody reads any more.
        case failed(CInt)
    }

    private let descriptor: Descriptor
    private let isSocket: Bool

    /// The number to poll(2) for POLLOUT.
    package var number: CInt { descriptor.number }

    /// Takes over a descriptor that is O_NONBLOCK already. SIGPIPE is ignored in the whole process from now on.
    package init(owning descriptor: consuming Descriptor) {
        signal(SIGPIPE, SIG_IGN)
        isSocket = false
        self.descriptor = descriptor
    }

    /// A way of its own to what `number` refers to, 1 for standard output. O_NONBLOCK set on standard output itself would
    /// hold for the shell that started us as well, so the pipe or terminal is opened again through proc(5); a socket is
    /// written to with MSG_DONTWAIT, and a file never waits. SIGPIPE is ignored in the whole process from now on.
    package init(duplicating number: CInt) throws(SystemError) {
        signal(SIGPIPE, SIG_IGN)
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemError("duplicate", "descriptor \(number)", errno: errno) }
        let duplicate = Descriptor(owning: copy)
        let kind = try duplicate.status(of: "descriptor \(number)").st_mode & S_IFMT
        isSocket = kind == S_IFSOCK
        if kind == S_IFIFO || kind == S_IFCHR,
            let again = try? Descriptor(opening: "/proc/self/fd/\(number)", O_WRONLY | O_NONBLOCK | O_NOCTTY)
        {
            descriptor = again
        } else {
            descriptor = duplicate
        }
    }

    /// Writes what can be written now of `bytes`, which are not empty: at most 4096 (PIPE_BUF), so that a descriptor that
    /// could not be opened again does not wait either once poll(2) has found it writable.
    package func write(_ bytes: ArraySlice<UInt8>) -> Outcome {
        let count = min(bytes.count, 4096)
        guard isWritable() else { return .wouldBlock }
        while true {
            // SAFETY: the pointer is into `bytes`, which outlives the call and has at least `count` bytes.
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe isSocket
                    ? send(number, buffer.baseAddress, count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
                    : Glibc.write(number, buffer.baseAddress, count)
            }
            let failure = errno
            if written > 0 { return .wrote(written) }
            switch failure {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed(failure)
            }
        }
    }

    private func isWritable() -> Bool {
        var wanted = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        // SAFETY: one `pollfd` of ours, for the length of the call.
        return unsafe poll(&wanted, 1, 0) > 0
    }
}
