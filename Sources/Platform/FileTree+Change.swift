// SPDX-License-Identifier: Apache-2.0
import Glibc

extension FileTree {
    /// rename(2) within one file system, replacing what `new` names. `isDurable` flushes the directory of the new name
    /// too: after that a power cut does not undo it.
    package static func rename(_ old: String, to new: String, isDurable: Bool = false) throws(SystemError) {
        try check(old)
        try check(new)
        // SAFETY: both strings are bridged to C strings that live for the call.
        guard unsafe Glibc.rename(old, new) == 0 else { throw SystemError("rename", old, errno: errno) }
        if isDurable { flushDirectory(of: new) }
    }

    /// unlink(2): removes a name that is no directory. A name that does not exist is no error. `isDurable` flushes its
    /// directory too: after that a power cut does not bring it back.
    package static func removeFile(_ path: String, isDurable: Bool = false) throws(SystemError) {
        try check(path)
        // SAFETY: the string is bridged to a C string that lives for the call.
        guard unsafe unlink(path) == 0 else {
            let failure = errno
            if failure == ENOENT { return }
            throw SystemError("remove", path, errno: failure)
        }
        if isDurable { flushDirectory(of: path) }
    }

    /// Makes `copy` a second name of the file at `path`, in the place of what it named before: link(2) and rename(2), so that
    /// nothing is copied and nothing is missing in between. The file must be replaced as a whole from then on, never written
    /// to. Some file systems have no such names (EPERM, ENOTSUP).
    package static func link(_ path: String, to copy: String) throws(SystemError) {
        try check(path)
        try check(copy)
        let name =
            PathParts(copy).directory + "/.ringfence-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".tmp"
        // SAFETY: the strings are bridged to C strings that live for the calls.
        guard unsafe Glibc.link(path, name) == 0 else { throw SystemError("link", path, errno: errno) }
        guard unsafe Glibc.rename(name, copy) == 0 else {
            let failure = errno
            _ = unsafe unlink(name)
            throw SystemError("rename", copy, errno: failure)
        }
        // rename(2) of two names of one file does nothing and leaves both.
        _ = unsafe unlink(name)
    }

    /// Flushes the directory, so that the names in it survive a power cut.
    package static func flush(directory path: String) throws(SystemError) {
        let opened = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY, step: "open the directory")
        try opened.flushDirectory(path)
    }

    /// mkdir(2) with mode 0755 less the umask.
    package static func makeDirectory(_ path: String) throws(SystemError) {
        try check(path)
        // SAFETY: the string is bridged to a C string that lives for the call.
        guard unsafe mkdir(path, 0o755) == 0 else { throw SystemError("create the directory", path, errno: errno) }
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

    /// rmdir(2).
    package static func removeDirectory(_ path: String) throws(SystemError) {
        try check(path)
        // SAFETY: the string is bridged to a C string that lives for the call.
        guard unsafe rmdir(path) == 0 else { throw SystemError("remove the directory", path, errno: errno) }
    }

    /// As well as it can be done: the change is made, and no error undoes it.
    private static func flushDirectory(of path: String) {
        let directory = PathParts(path).directory
        guard let opened = try? Descriptor(opening: directory, O_RDONLY | O_DIRECTORY) else { return }
        try? opened.flushDirectory(directory)
    }
}
