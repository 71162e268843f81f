// SPDX-License-Identifier: Apache-2.0

import Control
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

    /// `--socket PATH` and `--state DIR` may stand before the verb as well as behind it.
    static func globalOptionsLast(_ words: [String]) -> [String] {
        var rest = words[...]
        var options: [String] = []
        while let word = rest.first,
            let name = ["--socket", "--state"].first(where: { word == $0 || word.hasPrefix($0 + "=") })
        {
            let count = word == name ? 2 : 1
            guard rest.count > count else { return words }
            options += rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        // Behind the verb, and a verb's own verb.
        let verbs = rest.prefix(2).prefix { !$0.hasPrefix("-") }
        return options.isEmpty ? words : verbs + options + rest.dropFirst(verbs.count)
    }

    private static func verb(_ words: [String]) throws(CommandFailure) -> Int32 {
        let words = globalOptionsLast(words)
        let rest = Array(words.dropFirst())
        switch words.first {
        case "status": return try StatusCommand.run(rest)
        case "containers": return try ContainersCommand.run(rest)
        case "network": return try NetworkCommand.run(rest)
        case "alerts": return try AlertsCommand.run(rest)
        case "explain": return try ExplainCommand.run(rest)
        case "allow": return try AllowCommand.run(rest)
        case "profile": return try ProfileCommand.run(rest)
        case "audit": return try AuditCommand.run(rest)
        case "reload": return try ReloadCommand.run(rest)
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
