// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// A connected stream socket that never blocks and never raises SIGPIPE.
package struct StreamSocket: ~Copyable, Sendable {
    /// What came of reading or writing.
    package enum Transfer: Sendable, Equatable {
        /// So many bytes, at least one.
        case bytes(Int)
        /// Nothing now; the poll will tell.
        case later
        /// The other end has ended its side (reading) or is gone (both).
        case ended
    }

    private let socket: Descriptor

    /// For the poll; owned by this value.
    package var descriptor: CInt { socket.number }

    /// Takes over a connected socket.
    init(owning socket: consuming Descriptor) { self.socket = socket }

    /// Connects to a unix stream socket. EAGAIN means that its queue of connections is full just now.
    package init(connecting path: String) throws(SystemError) {
        // SAFETY: the path is a string that outlives the call, of the length that is told.
        let made = unsafe rf_unix_connect(path, path.utf8.count, 0)
        guard made >= 0 else { throw SystemError("connect to", path, errno: errno) }
        socket = Descriptor(owning: made)
    }

    /// Who is at the other end of this unix socket.
    package borrowing func peer() throws(SystemError) -> PeerCredentials {
        try PeerCredentials(of: socket.number, subject: "a connection")
    }

    /// Appends what waits, at most `limit` bytes, in one recv(2).
    package borrowing func receive(into bytes: inout [UInt8], limit: Int) throws(SystemError) -> Transfer {
        guard limit > 0 else { return .later }
        var chunk = [UInt8](repeating: 0, count: min(limit, 1 << 16))
        while true {
            // SAFETY: the pointer is into `chunk`, whose size is told, and which outlives the call.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(socket.number, $0.baseAddress, $0.count, 0) }
            let failure = errno
            if count > 0 {
                bytes.append(contentsOf: chunk[..<count])
                return .bytes(count)
            }
            if count == 0 || failure == ECONNRESET { return .ended }
            if failure == EAGAIN || failure == EWOULDBLOCK { return .later }
            guard failure == EINTR else { throw SystemError("read from", "a connection", errno: failure) }
        }
    }

    /// Sends as much of `bytes` as the socket takes now.
    package borrowing func send(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Transfer {
        guard !bytes.isEmpty else { return .later }
        while true {
            // SAFETY: the pointer is into `bytes`, whose size is told, and which outlives the call.
            let count = unsafe bytes.withUnsafeBytes { unsafe rf_send(socket.number, $0.baseAddress, $0.count) }
            let failure = errno
            if count > 0 { return .bytes(count) }
            if count == 0 || failure == EAGAIN || failure == EWOULDBLOCK { return .later }
            if failure == EPIPE || failure == ECONNRESET { return .ended }
            guard failure == EINTR else { throw SystemError("write to", "a connection", errno: failure) }
        }
    }

    /// Tells the other end that nothing more will be sent (shutdown(2), SHUT_WR).
    package borrowing func endSending() { _ = shutdown(socket.number, CInt(SHUT_WR)) }

    /// Waits until the socket is ready for `interest`, in poll(2).
    ///
    /// - Parameter limit: how long; nil waits without end.
    /// - Returns: false if the time passed first.
    package borrowing func wait(for interest: Poller.Interest, upTo limit: Duration?) -> Bool {
        let clock = ContinuousClock()
        let deadline = limit.map { clock.now + $0 }
        while true {
            let events = (interest.contains(.read) ? POLLIN : 0) | (interest.contains(.write) ? POLLOUT : 0)
            var entry = pollfd(fd: socket.number, events: Int16(events), revents: 0)
            let left = deadline.map { Poller.milliseconds(clock.now.duration(to: $0)) } ?? -1
            // SAFETY: one entry, ours for the length of the call.
            if unsafe poll(&entry, 1, left) > 0 { return true }
            if let deadline, clock.now >= deadline { return false }
        }
    }
}
