// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// A file that at most one process holds (flock(2)); the kernel lets go of it when the holder dies. The file stays: to
/// remove it would let two processes hold two files of one name.
package struct LockFile: ~Copyable, Sendable {
    /// Why the lock could not be had.
    package enum Failure: Error, Equatable {
        /// Another process holds it. Its id as it noted it itself, nil if it has not yet.
        case held(by: Int32?)
        case system(SystemError)
    }

    private let file: Descriptor

    /// Takes the lock without waiting, and writes this process's id into the file.
    package init(_ path: String) throws(Failure) {
        let file = try Self.open(path)
        guard rf_lock(file.number) == 0 else {
            let reason = errno
            guard reason == EWOULDBLOCK else { throw .system(SystemError("lock", path, errno: reason)) }
            let text = (try? file.read(upTo: 32, from: path)).map { String(decoding: $0, as: UTF8.self) }
            throw .held(by: text.flatMap { Int32($0.prefix { $0.isNumber }) })
        }
        do throws(SystemError) {
            guard ftruncate(file.number, 0) == 0 else { throw SystemError("write", path, errno: errno) }
            try file.write(Array("\(getpid())\n".utf8), to: path)
        } catch { throw .system(error) }
        self.file = file
    }

    private static func open(_ path: String) throws(Failure) -> Descriptor {
        do throws(SystemError) {
            return try Descriptor(opening: path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600, step: "lock")
        } catch { throw .system(error) }
    }
}
