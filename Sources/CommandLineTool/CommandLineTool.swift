// SPDX-License-Identifier: Apache-2.0

import Platform

/// The `ringfence` command: finds the verb, runs it, and turns its failure into one line and an exit code.
package enum CommandLineTool {
    /// The product's version.
    package static let version = ProgramVersion.text

    /// Runs one command line (the program's name first) on the main thread; returns the exit code.
    package static func run(_ words: [String]) -> Int32 {
        do {
            return try verb(Array(words.dropFirst()))
        } catch {
            Terminal.error.line("ringfence: \(HostileText.printable(error.description))")
            return error.exitCode
        }
    }

    private static func verb(_ words: [String]) throws(CommandFailure) -> Int32 {
        let rest = Array(words.dropFirst())
        switch words.first {
        case "record": return try RecordCommand.run(rest)
        case "seccomp": return try SeccompCommand.run(rest)
        case "run": return try RunCommand.run(rest)
        case "verify": return try VerifyCommand.run(rest)
        case "trace": return try TraceCommand.run(rest)
        case "version", "--version", "-V":
            Terminal.output.line("ringfence \(version)")
            return 0
        case "help", "--help", "-h":
            Terminal.output.write(Usage.tool)
            return 0
        case nil:
            Terminal.error.write(Usage.tool)
            return 64
        case let verb?: throw .usage("unknown verb '\(verb)'; see ringfence --help")
        }
    }
}
