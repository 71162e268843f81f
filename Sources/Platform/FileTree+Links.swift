// SPDX-License-Identifier: Apache-2.0
import Glibc

extension FileTree {
    /// realpath(3): the path without symbolic links, "." and ".."; nil if it cannot be followed to its end.
    package static func resolved(_ path: String) -> String? {
        guard !path.utf8.contains(0) else { return nil }
        // SAFETY: with a null buffer realpath returns a string of its own, or null; it is freed below. The path is bridged.
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(validatingCString: found)
    }
}
