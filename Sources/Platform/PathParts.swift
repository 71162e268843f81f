// SPDX-License-Identifier: Apache-2.0

/// A path, divided at its last slash.
package struct PathParts: Equatable, Sendable {
    /// Where the name is: "." for a name alone, "/" for one below the root.
    package let directory: String
    /// What follows the last slash; empty if the path ends with one.
    package let name: String

    /// The parts of `path`, which need not exist.
    package init(_ path: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            directory = "."
            name = path
            return
        }
        directory = slash == path.startIndex ? "/" : String(path[..<slash])
        name = String(path[path.utf8.index(after: slash)...])
    }
}
