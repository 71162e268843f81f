// SPDX-License-Identifier: Apache-2.0

/// Why the daemon cannot run.
package struct DaemonError: Error, Equatable, CustomStringConvertible {
    /// One line: the thing, the cause and the remedy.
    package let description: String
    /// As sysexits.h has them.
    package let exitCode: Int32

    init(_ description: String, exitCode: Int32) {
        self.description = description
        self.exitCode = exitCode
    }
}
