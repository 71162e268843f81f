// SPDX-License-Identifier: Apache-2.0

/// Why a verb ends without its result: one line for stderr and an exit code as in sysexits(3).
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    let description: String
    let exitCode: Int32

    init(_ description: String, exitCode: Int32) {
        self.description = description
        self.exitCode = exitCode
    }

    /// `EX_USAGE`: the command line is wrong.
    static func usage(_ text: String) -> CommandFailure { CommandFailure(text, exitCode: 64) }
    /// `EX_DATAERR`: a file's content is wrong.
    static func data(_ text: String) -> CommandFailure { CommandFailure(text, exitCode: 65) }
    /// `EX_NOINPUT`: a file cannot be read.
    static func noInput(_ text: String) -> CommandFailure { CommandFailure(text, exitCode: 66) }
    /// `EX_CANTCREAT`: a file cannot be written.
    static func cannotCreate(_ text: String) -> CommandFailure { CommandFailure(text, exitCode: 73) }
}
