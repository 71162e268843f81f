// SPDX-License-Identifier: Apache-2.0

/// A verb's command line, checked against the options that it takes.
struct ParsedArguments {
    /// One option of a verb.
    struct Option {
        /// With dashes, the long form first.
        let names: [String]
        /// What the value is called in the help; nil for a flag.
        let value: String?
        let help: String

        init(_ names: String..., value: String? = nil, help: String) {
            self.names = names
            self.value = value
            self.help = help
        }
    }

    private var flags: Set<String> = []
    private var values: [String: [String]] = [:]
    /// Words that are no options.
    private(set) var operands: [String] = []
    /// The words after `--`, or nil if there was none.
    private(set) var command: [String]?

    /// Parses `words` (without program and verb). `--name=value`, `--name value` and `-n value` are the same.
    init(_ words: [String], options: [Option]) throws(CommandFailure) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                command = Array(rest)
                if command?.first == "" { throw .usage("the command after -- is empty") }
                return
            }
            guard word.hasPrefix("-"), word != "-" else {
                operands.append(word)
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let isJoined = word.hasPrefix("--") && parts.count == 2
            let name = isJoined ? parts[0] : word
            guard let option = options.first(where: { $0.names.contains(name) }), let known = option.names.first else {
                throw .usage("unknown option \(Self.quoted(name))" + Self.suggestion(name, options) + "; see --help")
            }
            guard let value = option.value else {
                guard !isJoined else { throw .usage("\(known) takes no value") }
                flags.insert(known)
                continue
            }
            guard let given = isJoined ? parts[1] : rest.popFirst(), isJoined || given != "--" else {
                throw .usage("\(known) needs a value: \(known) \(value)")
            }
            guard !given.isEmpty else { throw .usage("the value of \(known) is empty: \(known) \(value)") }
            values[known, default: []].append(given)
        }
    }

    /// Whether a flag was given, by its first name.
    func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// The value of an option given at most once.
    func value(_ name: String) throws(CommandFailure) -> String? {
        let given = values[name] ?? []
        guard given.count < 2 else { throw .usage("\(name) was given \(given.count) times") }
        return given.first
    }

    /// Every value of an option that may be repeated.
    func all(_ name: String) -> [String] { values[name] ?? [] }

    /// The value of an option that takes one of a few words.
    func choice(_ name: String, of words: [String]) throws(CommandFailure) -> String? {
        guard let given = try value(name) else { return nil }
        guard words.contains(given) else {
            throw .usage("\(name) is \(Self.quoted(given)), but must be one of: \(words.joined(separator: ", "))")
        }
        return given
    }

    private static func suggestion(_ name: String, _ options: [Option]) -> String {
        let near = options.flatMap(\.names).filter { $0.hasPrefix("--") && name.hasPrefix(String($0.prefix(5))) }
        return near.isEmpty ? "" : " (did you mean \(near.joined(separator: " or "))?)"
    }

    private static func quoted(_ text: String) -> String { "'\(text)'" }
}
