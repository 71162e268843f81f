// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// A socket that takes connections, on a path or on a loopback port. It never blocks; a path is removed when it dies.
package struct SocketListener: ~Copyable, Sendable {
    private let socket: Descriptor
    /// The path and the inode of the socket's file, so that it removes no other's; nil for a port.
    private let file: (path: String, inode: UInt)?

    /// Readable when a connection waits; owned by this value.
    package var descriptor: CInt { socket.number }

    /// Listens on a path, which nothing may be at yet. Until its mode is set nobody but the owner can connect.
    ///
    /// - Parameters:
    ///   - mode: of the socket's file; who may write it may connect (unix(7)).
    ///   - group: of the socket's file; nil leaves the process's own.
    ///   - backlog: connections that may wait for `accept`; further ones wait in connect(2).
    package init(path: String, mode: UInt32, group: UInt32?, backlog: CInt = 128) throws(SystemError) {
        // SAFETY: the path is a string that outlives the call, of the length that is told.
        let made = unsafe rf_unix_listen(path, path.utf8.count, backlog)
        guard made >= 0 else { throw SystemError("listen on", path, errno: errno) }
        let listening = Descriptor(owning: made)
        do throws(SystemError) {
            file = (path, try Self.open(path, mode: mode, group: group))
        } catch {
            // SAFETY: the path outlives the call; what it names is what was bound above.
            _ = unsafe unlink(path)
            throw error
        }
        socket = listening
    }

    /// Gives the socket's file its group, then its mode, and returns its inode.
    private static func open(_ path: String, mode: UInt32, group: UInt32?) throws(SystemError) -> UInt {
        var status = stat()
        // SAFETY: the path outlives the calls; `status` is ours for the length of the call.
        guard unsafe lstat(path, &status) == 0 else { throw SystemError("listen on", path, errno: errno) }
        if let group, status.st_gid != group, unsafe lchown(path, uid_t.max, group) != 0 {
            throw SystemError("give to group \(group)", path, errno: errno)
        }
        // Only the owner of the directory can have put a link here meanwhile.
        guard unsafe chmod(path, mode) == 0 else { throw SystemError("set the mode of", path, errno: errno) }
        return UInt(status.st_ino)
    }

    /// Listens on 127.0.0.1 or ::1, and on no other address.
    ///
    /// - Parameter port: 0 takes a free one.
    package init(loopbackPort port: UInt16, six: Bool = false, backlog: CInt = 16) throws(SystemError) {
        let made = rf_loopback_listen(six ? 1 : 0, port, backlog)
        guard made >= 0 else {
            throw SystemError("listen on", (six ? "[::1]:" : "127.0.0.1:") + String(port), errno: errno)
        }
        socket = Descriptor(owning: made)
        file = nil
    }

    /// The port of a loopback listener, nil for a path.
    package var port: UInt16? { UInt16(exactly: rf_socket_port(socket.number)) }

    /// The oldest waiting connection, or nil. EMFILE, ENFILE and ENOMEM leave it waiting.
    package borrowing func accept() throws(SystemError) -> StreamSocket? {
        while true {
            let made = rf_accept(socket.number)
            let failure = errno
            if made >= 0 { return StreamSocket(owning: Descriptor(owning: made)) }
            switch failure {
            case EAGAIN, EWOULDBLOCK: return nil
            // The connection died while it waited; accept(2) asks to take network errors like that too.
            case EINTR, ECONNABORTED, EPROTO, EPERM: continue
            default: throw SystemError("accept", "a connection", errno: failure)
            }
        }
    }

    deinit {
        guard let file else { return }
        var status = stat()
        // SAFETY: the path is owned by this value; `status` is ours for the length of the call.
        if unsafe lstat(file.path, &status) == 0, UInt(status.st_ino) == file.inode { _ = unsafe unlink(file.path) }
    }
}
