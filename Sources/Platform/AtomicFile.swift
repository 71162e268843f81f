// SPDX-License-Identifier: Apache-2.0
package import Glibc

/// Replaces files so that a reader, a crash or a power cut finds the old content or the new, never a part or nothing.
package enum AtomicFile {
    /// Who a written file is to belong to.
    package struct Owner: Equatable, Sendable {
        package let user: uid_t
        package let group: gid_t

        /// The user and group with these ids.
        package init(user: uid_t, group: gid_t) {
            self.user = user
            self.group = group
        }

        /// Who called sudo(8): what root writes for them is theirs. Nil where nobody did, or we are not root.
        package static var sudoCaller: Owner? {
            UserIdentity.sudoCaller.map { Owner(user: $0.user, group: $0.group) }
        }
    }

    /// Makes `bytes` the content of the file at `path`: a new file beside it is written, flushed and renamed over it, then
    /// the directory is flushed.
    ///
    /// A symbolic link at `path` is refused (ENOTSUP): following it could write where the directory's owner wants it,
    /// replacing it would take /dev/stdout from the machine. So is a directory, FIFO, socket or device (EISDIR, ENOTSUP):
    /// root could rename a file over /dev/null. After an error the old file is as it was and nothing is left beside it, except when flushing the
    /// directory failed: then the new content is in place, but may not survive a power cut. A process killed meanwhile
    /// leaves one hidden file, `.ringfence-*.tmp`.
    ///
    /// - Parameters:
    ///   - mode: of the new file, less the process's umask. The old file's mode does not carry over.
    ///   - owner: for a root process that writes for a user; nil is the process's own.
    ///   - flushesDirectory: false for one of many files of a directory that the caller flushes once, after the last.
    package static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t = 0o644, owner: Owner? = nil,
        flushesDirectory: Bool = true
    ) throws(SystemError) {
        // The kernel would read a path only up to a zero byte, and replace something else.
        guard !path.utf8.contains(0) else { throw SystemError("write", path, errno: EINVAL) }
        let parts = PathParts(path)
        let name = parts.name
        guard !name.isEmpty, name != ".", name != ".." else { throw SystemError("write", path, errno: EISDIR) }
        let directory = try Descriptor(opening: parts.directory, O_RDONLY | O_DIRECTORY, step: "open the directory")
        try refuseSpecial(name, in: directory, path: path)

        let temporary = try Temporary(in: directory, mode: mode, path: path)
        do throws(SystemError) {
            if let owner, fchown(temporary.file.number, owner.user, owner.group) != 0 {
                throw SystemError("give away", path, errno: errno)
            }
            try temporary.file.write(bytes, to: path)
            try temporary.file.flush(path)
            // SAFETY: both names are strings that outlive the call.
            guard unsafe renameat(directory.number, temporary.name, directory.number, name) == 0 else {
                throw SystemError("replace", path, errno: errno)
            }
        } catch {
            // SAFETY: the name is a string that outlives the call.
            _ = unsafe unlinkat(directory.number, temporary.name, 0)
            throw error
        }
        if flushesDirectory { try directory.flushDirectory(parts.directory) }
    }

    private static func refuseSpecial(
        _ name: String, in directory: borrowing Descriptor, path: String
    ) throws(SystemError) {
        var status = stat()
        // SAFETY: `status` is ours for the length of the call.
        guard unsafe fstatat(directory.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            let failure = errno
            if failure == ENOENT { return }
            throw SystemError("write", path, errno: failure)
        }
        switch FileKind(mode: status.st_mode) {
        case .regular: return
        case .directory: throw SystemError("write", path, errno: EISDIR)
        case let kind: throw SystemError("replace the \(kind.rawValue)", path, errno: ENOTSUP)
        }
    }

    /// A new, empty file under a name that nobody can have prepared: O_EXCL refuses what exists, links included.
    private struct Temporary: ~Copyable {
        let file: Descriptor
        let name: String

        init(in directory: borrowing Descriptor, mode: mode_t, path: String) throws(SystemError) {
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
            for _ in 0..<16 {
                let name = ".ringfence-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".tmp"
                do throws(SystemError) {
                    file = try directory.open(name, flags, mode: mode, step: "write", subject: path)
                    self.name = name
                    return
                } catch {
                    guard error.errno == EEXIST else { throw error }
                }
            }
            throw SystemError("write", path, errno: EEXIST)
        }
    }
}
