// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Platform
import Profiles

/// `ringfence profile`: looks at the daemon's profiles and decides about them.
enum ProfileCommand {
    /// One of its verbs.
    enum Verb: String, CaseIterable {
        case list, show, diff, merge, approve, hold, reject, relearn, lock, unlock, export, `import`

        /// What is behind it on the command line.
        var operands: String {
            switch self {
            case .list: ""
            case .show, .lock, .unlock: " KEY"
            case .relearn: " KEY [--keep]"
            case .diff: " OLD NEW"
            case .merge: " KEY OTHER ..."
            case .approve: " KEY [ENTRY ...] [--force]"
            case .hold, .reject: " KEY ENTRY ..."
            case .export: " KEY [-o FILE]"
            case .import: " FILE --as KEY [--force]"
            }
        }

        var help: String {
            switch self {
            case .list: "every profile, its state and what it lacks"
            case .show: "one profile with its entries"
            case .diff: "what NEW has otherwise than OLD; keys or files"
            case .merge: "join others into the profile of KEY"
            case .approve: "accept entries that are held, or compare the whole profile from now on"
            case .hold: "keep entries out until they are approved"
            case .reject: "take entries out for good"
            case .relearn: "learn again, in a fresh window"
            case .lock: "nothing that is seen changes it"
            case .unlock: "undo lock"
            case .export: "write it as a recording that another host can import"
            case .import: "make a recording the profile of KEY, compared at once"
            }
        }

        /// How many operands it takes.
        var count: ClosedRange<Int> {
            switch self {
            case .list: 0...0
            case .show, .lock, .unlock, .relearn, .export, .import: 1...1
            case .diff: 2...2
            case .merge, .hold, .reject: 2...1024
            case .approve: 1...1024
            }
        }
    }

    static let options: [ParsedArguments.Option] =
        [
            .init("--reason", value: "TEXT", help: "why, for the profile and the audit"),
            .init("--as", value: "KEY", help: "import: the key that the recording is to have"),
            .init("--force", help: "approve: before it is ready; import: in the place of one that is compared"),
            .init("--keep", help: "relearn: keep the entries that are there"),
            .init("--output", "-o", value: "FILE", help: "export: where the recording goes; standard output without"),
            OutputFormat.option,
        ] + DaemonAddress.options

    static var help: String {
        var table = TextTable(.left, .left)
        for verb in Verb.allCases { table.add(verb.rawValue + verb.operands, verb.help) }
        return "usage: ringfence profile VERB [OPTIONS]\n\n" + table.lines().joined(separator: "\n") + "\n\n"
            + "an ENTRY is \(ProfileEntry.forms); ptrace and /bin/sh are short for\n"
            + "the native call and the executable\n\n" + Usage.options(options)
    }

    static func run(_ words: [String]) throws(CommandFailure) -> Int32 {
        let arguments = try ParsedArguments(words, options: options)
        if arguments.has("--help") || words.first == "help" {
            Terminal.output.write(help)
            return 0
        }
        guard let word = arguments.operands.first else {
            throw .usage(
                "ringfence profile needs a verb: " + Verb.allCases.map(\.rawValue).joined(separator: ", ")
                    + "; see --help")
        }
        guard let verb = Verb(rawValue: word) else {
            throw .usage("unknown verb 'profile \(HostileText.escaped(word))'; see ringfence profile --help")
        }
        let operands = Array(arguments.operands.dropFirst())
        guard verb.count.contains(operands.count), arguments.command == nil else {
            throw .usage("usage: ringfence profile \(verb.rawValue)\(verb.operands)")
        }
        try perform(verb, operands, arguments, try DaemonAddress(arguments))
        return 0
    }

    private static func perform(
        _ verb: Verb, _ operands: [String], _ arguments: ParsedArguments, _ address: DaemonAddress
    ) throws(CommandFailure) {
        switch verb {
        case .list:
            let answer = try address.ask(.profileList)
            try OutputFormat(arguments).deliver(answer) { ProfileText.list(answer.elements ?? []) }
        case .show: try show(operands[0], arguments, address)
        case .diff: try diff(operands, arguments, address)
        case .export: try export(operands[0], arguments, address)
        case .import: try importFile(operands[0], arguments, address)
        case .merge, .approve, .hold, .reject, .relearn, .lock, .unlock:
            try change(verb, operands, arguments, address)
        }
    }

    private static func change(
        _ verb: Verb, _ operands: [String], _ arguments: ParsedArguments, _ address: DaemonAddress
    ) throws(CommandFailure) {
        var members: [String: JSONValue] = ["key": .string(operands[0])]
        let others = JSONValue.array(operands.dropFirst().map { .string($0) })
        members["reason"] = try arguments.value("--reason").map { .string($0) }
        let control: ControlVerb
        switch verb {
        case .merge:
            control = .profileMerge
            members["others"] = others
        case .approve:
            control = .profileApprove
            members["entries"] = others
            members["force"] = .bool(arguments.has("--force"))
        case .hold, .reject:
            control = verb == .hold ? .profileHold : .profileReject
            members["entries"] = others
        case .relearn:
            control = .profileRelearn
            members["keep"] = .bool(arguments.has("--keep"))
        default:
            control = .profileLock
            members["locked"] = .bool(verb == .lock)
        }
        let answer = try address.ask(control, members)
        try OutputFormat(arguments).deliver(answer) { ProfileText.change(verb, answer) }
    }

    private static func show(
        _ key: String, _ arguments: ParsedArguments, _ address: DaemonAddress
    ) throws(CommandFailure) {
        let profile = try ProfileSource.load(key, address)
        if try OutputFormat(arguments) == .json { return try Terminal.output.deliver(try encode(profile)) }
        let text = ProfileText.show(profile, now: Date()).map { HostileText.printable($0) + "\n" }.joined()
        try Terminal.output.deliver(Array(text.utf8))
    }

    private static func diff(
        _ operands: [String], _ arguments: ParsedArguments, _ address: DaemonAddress
    ) throws(CommandFailure) {
        let old = try ProfileSource.load(operands[0], address)
        let new = try ProfileSource.load(operands[1], address)
        let difference = ProfileDiff(from: old, to: new)
        let bytes: [UInt8]
        if try OutputFormat(arguments) == .json {
            do throws(ProfileError) { bytes = try difference.encoded() } catch { throw .data(error.description) }
        } else {
            bytes = Array(difference.lines.map { HostileText.printable($0) + "\n" }.joined().utf8)
        }
        try Terminal.output.deliver(bytes)
    }

    private static func export(
        _ key: String, _ arguments: ParsedArguments, _ address: DaemonAddress
    ) throws(CommandFailure) {
        let path = try arguments.value("--output") ?? "-"
        let recording = Review.export(try ProfileSource.load(key, address))
        guard !OutputPath.isStandardOutput(path) else {
            return try Terminal.output.deliver(try encode(recording))
        }
        do throws(ProfileError) { try ProfileStore.save(recording, to: path, owner: .sudoCaller) } catch {
            throw .cannotCreate(error.description)
        }
    }

    private static func importFile(
        _ path: String, _ arguments: ParsedArguments, _ address: DaemonAddress
    ) throws(CommandFailure) {
        guard let key = try arguments.value("--as") else {
            throw .usage("name the profile that it is to be: ringfence profile import FILE --as KEY")
        }
        // Read here, so that what is wrong with it is said with its name, and sent in the form that every file has.
        let bytes = try encode(try ProfileSource.file(path))
        guard let value = try? JSONValue(parsing: bytes) else {
            throw .data("\(HostileText.escaped(path)) is too deep or too large to be sent to the daemon")
        }
        var members: [String: JSONValue] = [
            "key": .string(key), "profile": value, "source": .string(path), "force": .bool(arguments.has("--force")),
        ]
        members["reason"] = try arguments.value("--reason").map { .string($0) }
        let answer = try address.ask(.profileImport, members)
        try OutputFormat(arguments).deliver(answer) { ProfileText.change(.import, answer) }
    }

    private static func encode(_ profile: BehaviourProfile) throws(CommandFailure) -> [UInt8] {
        do throws(ProfileError) { return try ProfileStore.encode(profile) } catch { throw .data(error.description) }
    }
}
