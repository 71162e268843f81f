// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

extension FileBytes {
    /// The first bytes of a regular file of somebody else's tree, `limit` at most: `root` is the root directory for all links
    /// on the way, so that whoever makes the tree cannot have another file read. Needs Linux 5.6.
    ///
    /// - Throws: the kernel's reason; ENOTSUP for what is no regular file, on which it never waits.
    package static func prefix(of path: String, inRoot root: String, limit: Int) throws(SystemError) -> [UInt8] {
        // SAFETY: both are strings that outlive the call.
        let number = unsafe rf_open_in_root(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard number >= 0 else { throw SystemError("read", path, errno: errno) }
        let file = Descriptor(owning: number)
        guard FileKind(mode: try file.status(of: path).st_mode) == .regular else {
            throw SystemError("read", path, errno: ENOTSUP)
        }
        return try file.read(upTo: limit, from: path)
    }
}
