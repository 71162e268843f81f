// SPDX-License-Identifier: Apache-2.0

/// `ringfence seccomp`: finds the verb that works on seccomp profiles.
enum SeccompCommand {
    /// One of its verbs.
    enum Verb: String, CaseIterable {
        case generate, diff, lint, merge, prove, simulate, explain, complete

        /// What is behind it on the command line.
        var operands: String {
            switch self {
            case .generate: " FILE|KEY [-o FILE]"
            case .diff: " OLD NEW"
            case .lint, .prove: " FILE ..."
            case .merge: " FILE|KEY ... -o FILE"
            case .simulate: " FILE --against PROFILE"
            case .explain: " FILE|KEY [CALL]"
            case .complete: " FILE|KEY"
            }
        }

        var help: String {
            switch self {
            case .generate: "make a seccomp profile from a behaviour profile"
            case .diff: "what NEW allows and refuses otherwise than OLD"
            case .lint: "what is wrong with a seccomp profile, and how to mend it"
            case .merge: "join behaviour profiles of several runs, or see whether one covers them"
            case .prove: "compile a seccomp profile, and compare every call with what it says"
            case .simulate: "what a seccomp profile would have denied, and to whom"
            case .explain: "why a call is in a profile: who, when, how often, and its record"
            case .complete: "how much of a program's behaviour has been seen"
            }
        }
    }

    static func run(_ words: [String]) throws(CommandFailure) -> Int32 {
        let rest = Array(words.dropFirst())
        switch words.first {
        case "--help", "-h", "help":
            Terminal.output.write(help)
            return 0
        case nil:
            let verbs = Verb.allCases.map(\.rawValue).joined(separator: ", ")
            throw .usage("ringfence seccomp needs a verb: \(verbs); see --help")
        case let word?:
            guard let verb = Verb(rawValue: word) else {
                throw .usage("unknown verb 'seccomp \(word)'; see ringfence seccomp --help")
            }
            switch verb {
            case .generate: return try SeccompGenerateCommand.run(rest)
            case .diff: return try SeccompDiffCommand.run(rest)
            case .lint: return try SeccompLintCommand.run(rest)
            case .merge: return try SeccompMergeCommand.run(rest)
            case .prove: return try SeccompProveCommand.run(rest)
            case .simulate: return try SeccompSimulateCommand.run(rest)
            case .explain: return try SeccompExplainCommand.run(rest)
            case .complete: return try SeccompCompleteCommand.run(rest)
            }
        }
    }

    static var help: String {
        var table = TextTable(.left, .left)
        for verb in Verb.allCases { table.add(verb.rawValue + verb.operands, verb.help) }
        return "usage: ringfence seccomp VERB [OPTIONS]\n\n" + table.lines().joined(separator: "\n")
            + "\n\n`ringfence seccomp VERB --help` explains each.\n"
    }

    /// The help of one verb: its line, what is to be known, its options.
    static func help(_ verb: Verb, _ text: String, _ options: [ParsedArguments.Option]) -> String {
        "usage: ringfence seccomp \(verb.rawValue)\(verb.operands)\n\n\(verb.help)\n\n\(text)\n\n"
            + Usage.options(options)
    }
}
