// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import Glibc
import Platform

/// `ringfence allow`: what an alert reports is meant to be so.
enum AllowCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--reason", value: "TEXT", help: "why, for the list of what is allowed and the audit"),
            .init("--for", value: "TIME", help: "until then: 90s, 30m, 1h, 7d; for good without"),
            .init(
                "--scope", value: "SCOPE",
                help: "all, key=KEY or pattern=GLOB of profile keys; the alert's own profile without"),
            .init("--list", help: "what is allowed, and what was"),
            .init("--remove", value: "ENTRY", help: "take it back: an entry as --list shows it"),
            OutputFormat.option,
        ] + DaemonAddress.options

    static var help: String {
        "usage: ringfence allow ID [--reason TEXT] [--for TIME] [--scope SCOPE]\n"
            + "       ringfence allow --list\n       ringfence allow --remove ENTRY [--scope SCOPE]\n\n"
            + Usage.options(options)
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        let address = try DaemonAddress(arguments)
        let format = try OutputFormat(arguments)
        let removed = try arguments.value("--remove")
        let tasks = arguments.operands.count + (arguments.has("--list") ? 1 : 0) + (removed == nil ? 0 : 1)
        guard tasks == 1, arguments.command == nil else {
            throw .usage("give one alert's ID, --list, or --remove ENTRY; see ringfence allow --help")
        }
        if arguments.has("--list") {
            let answer = try address.ask(.allowList)
            try format.deliver(answer) { lines(answer.elements ?? []) }
            return 0
        }
        var members: [String: JSONValue] = [:]
        members["reason"] = try arguments.value("--reason").map { .string($0) }
        if let text = try arguments.value("--scope") { members["scope"] = .string(try scope(text)) }
        if let removed {
            members["entry"] = .string(removed)
            let answer = try address.ask(.allowRemove, members)
            try format.deliver(answer) { ["\(answer.string("entry")): no longer allowed"] }
            return 0
        }
        members["alert"] = .string(arguments.operands[0])
        if let seconds = try AlertQuery.seconds(arguments, "--for") { members["expires"] = .number(seconds) }
        members["line"] = try older(arguments.operands[0], address)
        let answer = try address.ask(.allow, members)
        try format.deliver(answer) {
            let until = answer.string("expires").isEmpty ? "" : " until \(answer.string("expires"))"
            return answer.texts("entries").map { "\($0): allowed for \(answer.string("scope"))\(until)" }
        }
        return 0
    }

    /// The line of an alert that is not among the daemon's newest, out of its files; nil if the daemon knows it.
    private static func older(_ id: String, _ address: DaemonAddress) throws(CommandFailure) -> JSONValue? {
        do throws(CommandFailure) {
            _ = try address.ask(.explain, ["id": .string(id)])
            return nil
        } catch {
            // Whatever else it says is said again, of what was asked for.
            guard error.exitCode == 66 else { return nil }
        }
        let path = try address.ask(.ping).string("alerts")
        do throws(AlertsError) {
            let alert = try AlertLog(path: path).find(id)
            return (try? alert.line()).map { .string(String(decoding: $0, as: UTF8.self)) }
        } catch {
            // Who may not read them may hardly allow anything: the daemon says so.
            if error.errno == EACCES || error.errno == EPERM { return nil }
            throw .noInput(error.description)
        }
    }

    /// `all`, `key=KEY`, `pattern=GLOB` in the daemon's form.
    static func scope(_ text: String) throws(CommandFailure) -> String {
        if text == "all" { return text }
        for kind in ["key", "pattern"] {
            for mark in ["=", " "] where text.hasPrefix(kind + mark) && text.utf8.count > kind.utf8.count + 1 {
                return kind + " " + text.dropFirst(kind.count + 1)
            }
        }
        throw .usage("--scope is '\(text)', but must be all, key=KEY or pattern=GLOB")
    }

    /// What is allowed, for people.
    static func lines(_ allows: [JSONValue]) -> [String] {
        guard !allows.isEmpty else { return ["nothing is allowed beside what was learned"] }
        var table = TextTable(.left, .left, .left, .left, .left)
        table.add("ENTRY", "FOR", "STATE", "BY", "REASON")
        for allow in allows {
            let until = allow.string("expires")
            let state =
                allow.flag("isActive")
                ? until.isEmpty ? "allowed" : "until \(until)"
                : allow.string("revokedBy").isEmpty
                    ? "expired \(until)" : "taken back by \(allow.string("revokedBy"))"
            table.add(
                allow.string("entry"), allow.string("scope"), state,
                "\(allow.string("author")) \(allow.string("date"))", allow.string("reason"))
        }
        return table.lines(indent: 0)
    }
}
