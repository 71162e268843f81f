// SPDX-License-Identifier: Apache-2.0

/// A recording that could not be made: one line that names the thing, the cause and the remedy.
package struct RecorderError: Error, Equatable, CustomStringConvertible {
    /// The line, without the program's name.
    package let description: String
    /// As in sysexits(3), or what a shell exits with for a command that cannot be run.
    package let exitCode: Int32

    /// An error with its exit code.
    package init(_ description: String, exitCode: Int32) {
        self.description = description
        self.exitCode = exitCode
    }

    /// `EX_UNAVAILABLE`: something the recording needs is not there.
    package static func unavailable(_ text: String) -> RecorderError { RecorderError(text, exitCode: 69) }
    /// `EX_NOPERM`.
    package static func permission(_ text: String) -> RecorderError { RecorderError(text, exitCode: 77) }
}
