// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// Held by the one process of the machine that works with what is pinned in a directory: whatever their configuration,
/// two daemons would take each other's records. The kernel lets go of it when the holder dies (flock(2)).
package struct PinLock: ~Copyable {
    /// Why the lock could not be had.
    package enum Failure: Error, Equatable {
        /// Another process holds it; its id, nil if that cannot be told.
        case held(by: Int32?)
        case system(BPFError)
    }

    private let descriptor: CInt

    /// Takes the lock without waiting; makes the directory.
    package init(_ pins: PinDirectory) throws(Failure) {
        do { try pins.prepare() } catch { throw .system(error) }
        let descriptor = unsafe open(pins.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(BPFError(step: .pin, subject: pins.path, errno: errno)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            let holder = Self.holder(of: descriptor)
            _ = close(descriptor)
            guard reason == EWOULDBLOCK else { throw .system(BPFError(step: .pin, subject: pins.path, errno: reason)) }
            throw .held(by: holder)
        }
        self.descriptor = descriptor
    }

    deinit { _ = close(descriptor) }

    /// Who holds the lock by proc_locks(5): "1: FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE 0 EOF".
    private static func holder(of descriptor: CInt) -> Int32? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0,
            let bytes = try? FileBytes.read("/proc/locks", limit: 1 << 22)
        else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK",
                fields[5].split(separator: ":").last.map(String.init)
                    == String(status.st_ino)
            else { continue }
            let device = fields[5].split(separator: ":").prefix(2).compactMap { UInt64($0, radix: 16) }
            // makedev(3): the low eight bits of the minor, twelve of the major, the rest of the minor.
            let major = UInt64(status.st_dev) >> 8 & 0xfff
            let minor = UInt64(status.st_dev) & 0xff | UInt64(status.st_dev) >> 12 & 0xfff00
            guard device == [major, minor] else {
                continue
            }
            return Int32(fields[4])
        }
        return nil
    }
}
