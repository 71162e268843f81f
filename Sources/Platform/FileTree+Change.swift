// SPDX-License-Identifier: Apache-2.0
import Glibc

extension FileTree {
    /// rename(2) within one file system, replacing what `new` names.
    package static func rename(_ old: String, to new: String) throws(SystemError) {
        guard !old.utf8.contains(0), !new.utf8.contains(0) else { throw SystemError("rename", old, errno: EINVAL) }
        // SAFETY: both strings are bridged to C strings that live for the call.
        guard unsafe Glibc.rename(old, new) == 0 else { throw SystemError("rename", old, errno: errno) }
    }

    /// unlink(2): removes a name that is no directory. A name that does not exist is no error.
    package static func removeFile(_ path: String) throws(SystemError) {
        guard !path.utf8.contains(0) else { throw SystemError("remove", path, errno: EINVAL) }
        // SAFETY: the string is bridged to a C string that lives for the call.
        guard unsafe unlink(path) == 0 else {
            let failure = errno
            if failure == ENOENT { return }
            throw SystemError("remove", path, errno: failure)
        }
    }
}
