// SPDX-License-Identifier: Apache-2.0
import Control
import Platform

/// The two forms of an answer on standard output.
enum OutputFormat: String {
    case table, json

    static let option = ParsedArguments.Option("--format", value: "table|json", help: "form of the answer")

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        self = OutputFormat(rawValue: try arguments.choice("--format", of: ["table", "json"]) ?? "table") ?? .table
    }

    /// Writes an answer: as the daemon gave it on one line, or what `lines` makes of it.
    func deliver(_ value: JSONValue, _ lines: () -> [String]) throws(CommandFailure) {
        switch self {
        case .json: try Terminal.output.deliver(value.bytes + [0x0A])
        case .table:
            let text = lines().map { HostileText.printable($0) + "\n" }.joined()
            try Terminal.output.deliver(Array(text.utf8))
        }
    }
}

extension JSONValue {
    /// The text of a member, "" where there is none.
    func string(_ key: String) -> String { self[key]?.text ?? "" }

    /// A number of a member, 0 where there is none.
    func count(_ key: String) -> Int64 { self[key]?.integer ?? 0 }

    /// The texts of a member that is a list.
    func texts(_ key: String) -> [String] { (self[key]?.elements ?? []).compactMap(\.text) }

    /// Whether a member is there and true.
    func flag(_ key: String) -> Bool { self[key]?.bool ?? false }
}
