// SPDX-License-Identifier: Apache-2.0
import Glibc

extension FileBytes {
    /// The first bytes of a regular file of somebody else's tree, `limit` at most: `root` is the root directory for all links
    /// on the way, so that whoever makes the tree cannot have another file read. Needs Linux 5.6.
    ///
    /// - Throws: the kernel's reason; ENOTSUP for what is no regular file, on which it never waits.
    package static func prefix(of path: String, inRoot root: String, limit: Int) throws(SystemError) -> [UInt8] {
        // Found and not opened yet: to open a device can do something.
        let place = try Descriptor(finding: path, inRoot: root, followsLinks: true, step: "read")
        guard FileKind(mode: try place.status(of: path).st_mode) == .regular else {
            throw SystemError("read", path, errno: ENOTSUP)
        }
        let file = try Descriptor(
            opening: "/proc/self/fd/\(place.number)", O_RDONLY | O_NONBLOCK | O_NOCTTY, step: "read")
        return try file.read(upTo: limit, from: path)
    }
}
