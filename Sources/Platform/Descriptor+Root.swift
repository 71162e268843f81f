// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

extension Descriptor {
    /// Finds a file of somebody else's tree, and opens it for nothing but looking at it (O_PATH): `root` is the root directory
    /// for all links on the way, so that whoever makes the tree cannot name a file outside it. Needs Linux 5.6.
    ///
    /// - Parameters:
    ///   - followsLinks: whether there may be links on the way at all.
    ///   - step: what an error says could not be done.
    /// - Throws: the kernel's reason; ELOOP for a link that may not be.
    init(finding path: String, inRoot root: String, followsLinks: Bool, step: String) throws(SystemError) {
        guard !path.utf8.contains(0), !root.utf8.contains(0) else { throw SystemError(step, path, errno: EINVAL) }
        // SAFETY: both are strings that outlive the call.
        let number = unsafe rf_find_in_root(root, path, followsLinks ? 1 : 0)
        guard number >= 0 else { throw SystemError(step, path, errno: errno) }
        self.init(owning: number)
    }
}
