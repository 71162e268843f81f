// SPDX-License-Identifier: Apache-2.0

/// One verb of the tool, or a verb's own.
protocol Verb {
    /// What it takes, `--help` included.
    static var options: [ParsedArguments.Option] { get }
    /// What `--help` writes.
    static var help: String { get }

    /// Does it; returns the exit code.
    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32
}

extension Verb {
    /// The same with the words behind the verb as they were typed.
    static func run(_ words: [String]) throws(CommandFailure) -> Int32 {
        let arguments = try ParsedArguments(words, options: options)
        guard !arguments.has("--help") else {
            Terminal.output.write(help)
            return 0
        }
        return try run(arguments)
    }
}
