// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Moves and removes files by name.
package enum FileMoves {
    /// rename(2), then a flush of the new name's directory: after that a power cut does not undo it.
    package static func rename(_ old: String, to new: String) throws(SystemError) {
        try check(old)
        try check(new)
        // SAFETY: both strings are bridged to C strings that live for the call.
        guard unsafe Glibc.rename(old, new) == 0 else { throw SystemError("move", old, errno: errno) }
        flushDirectory(of: new)
    }

    /// unlink(2). A file that is not there is no error.
    package static func remove(_ path: String) throws(SystemError) {
        try check(path)
        // SAFETY: the string is bridged to a C string that lives for the call.
        guard unsafe unlink(path) == 0 else {
            let failure = errno
            if failure == ENOENT { return }
            throw SystemError("remove", path, errno: failure)
        }
        flushDirectory(of: path)
    }

    /// mkdir(2) with mode 0700: for what only root is to read. A directory that exists is no error.
    package static func makePrivateDirectory(_ path: String) throws(SystemError) {
        try check(path)
        // SAFETY: the string is bridged to a C string that lives for the call.
        guard unsafe mkdir(path, 0o700) == 0 else {
            let failure = errno
            if failure == EEXIST { return }
            throw SystemError("create the directory", path, errno: failure)
        }
    }

    /// Some file systems cannot flush a directory, fsync(2): the change is then as safe as they make it.
    private static func flushDirectory(of path: String) {
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let opened = try? Descriptor(opening: directory, O_RDONLY | O_DIRECTORY) else { return }
        _ = fsync(opened.number)
    }

    private static func check(_ path: String) throws(SystemError) {
        guard !path.utf8.contains(0) else { throw SystemError("open", HostileText.escaped(path), errno: EINVAL) }
    }
}
