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

    /// Parses `words` (without program and verb). `--name=value`, `--name value`, `-n value` and `-nvalue` are the same,
    /// and so are `-a -b` and `-ab` where `-a` is a flag.
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
            let (name, joined) = Self.parts(of: word)
            guard let option = options.first(where: { $0.names.contains(name) }), let known = option.names.first else {
                let shown = word.hasPrefix("--") ? name : word
                throw .usage("unknown option \(Self.quoted(shown))" + Self.suggestion(name, options) + "; see --help")
            }
            guard let value = option.value else {
                flags.insert(known)
                guard let joined else { continue }
                guard !word.hasPrefix("--"), !joined.hasPrefix("=") else { throw .usage("\(known) takes no value") }
                rest.insert("-" + joined, at: rest.startIndex)
                continue
            }
            guard let given = joined ?? rest.popFirst(), joined != nil || given != "--" else {
                throw .usage("\(known) needs a value: \(known) \(value)")
            }
            guard word.hasPrefix("--") || joined?.hasPrefix("=") != true else {
                throw .usage("\(name) takes its value without \"=\": \(name) \(value)")
            }
            guard !given.isEmpty else { throw .usage("the value of \(known) is empty: \(known) \(value)") }
            values[known, default: []].append(given)
        }
    }

    /// An option's name, and what stands in the same word: behind the "=" of a long one, behind the letter of a short one.
    private static func parts(of word: String) -> (name: String, joined: String?) {
        guard word.hasPrefix("--") else {
            let joined = String(word.dropFirst(2))
            return (String(word.prefix(2)), joined.isEmpty ? nil : joined)
        }
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return (parts[0], parts.count == 2 ? parts[1] : nil)
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

    /// The value of an option that takes a duration, in seconds.
    func seconds(_ name: String) throws(CommandFailure) -> Double? {
        guard let given = try value(name) else { return nil }
        guard let seconds = DurationText.seconds(given) else {
            throw .usage("\(name) is \(Self.quoted(given)), but must be a duration such as 30s, 5m or 2h")
        }
        return seconds
    }

    private static func suggestion(_ name: String, _ options: [Option]) -> String {
        let near = options.flatMap(\.names).filter { $0.hasPrefix("--") && name.hasPrefix(String($0.prefix(5))) }
        return near.isEmpty ? "" : " (did you mean \(near.joined(separator: " or "))?)"
    }

    private static func quoted(_ text: String) -> String { "'\(text)'" }
}
