// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc
package import Platform

/// A unix datagram socket that is bound to a path; it never blocks. A service manager's end, to try notifications.
package struct DatagramReceiver: ~Copyable, Sendable {
    private let socket: Descriptor
    private let path: String

    /// For a poll; owned by this value.
    package var descriptor: CInt { socket.number }

    /// Binds to a path that nothing is at; `@` begins one in the abstract namespace.
    package init(path: String) throws(SystemError) {
        // SAFETY: the path is a string that outlives the call, of the length that is told.
        let made = unsafe rf_unix_receiver(path, path.utf8.count)
        guard made >= 0 else { throw SystemError("bind to", path, errno: errno) }
        socket = Descriptor(owning: made)
        self.path = path
    }

    /// The oldest waiting datagram as text, at most 64 KiB of it; nil if none waits.
    package borrowing func take() -> String? {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        // SAFETY: the pointer is into `bytes`, whose size is told, and which outlives the call.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe recv(socket.number, $0.baseAddress, $0.count, 0) }
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    deinit { if path.hasPrefix("/") { _ = unsafe unlink(path) } }
}
