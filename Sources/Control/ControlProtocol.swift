// SPDX-License-Identifier: Apache-2.0

/// `ringfence.control/v1`: one JSON object a line over a unix stream socket.
///
///     -> {"v":1,"verb":"profile.show","arguments":{"key":"web"}}
///     <- {"ok":true,"result":...}
///     <- {"error":{"exitCode":69,"message":"...","remedy":"..."},"ok":false}
///     <- {"line":...} ... {"lost":3} ... {"end":true}      (tails and long lists)
///
/// Requests of one connection are answered in order. After a request that starts a tail nothing more is read from it.
package enum ControlProtocol {
    /// The version that this build speaks.
    package static let version: Int64 = 1
    /// Its name, for messages.
    package static let name = "ringfence.control/v1"
    /// Where the daemon listens unless configured otherwise.
    package static let defaultPath = "/run/ringfence/control.sock"

    static let resultPrefix = Array("{\"ok\":true,\"result\":".utf8)
    static let linePrefix = Array("{\"line\":".utf8)
    static let end = Array("{\"end\":true}\n".utf8)

    static func lost(_ count: UInt64) -> [UInt8] { Array("{\"lost\":\(count)}\n".utf8) }

    /// One JSON value as a protocol line. JSON has line ends only between tokens, where a space means the same.
    static func framed(_ prefix: [UInt8], _ json: [UInt8]) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(prefix.count + json.count + 2)
        line.append(contentsOf: prefix)
        line.append(contentsOf: json.contains(0x0A) ? json.map { $0 == 0x0A ? 0x20 : $0 } : json)
        line.append(UInt8(ascii: "}"))
        line.append(0x0A)
        return line
    }

    static func failure(_ failure: ControlFailure) -> [UInt8] {
        let error: JSONValue = [
            "message": .string(failure.message), "remedy": .string(failure.remedy),
            "exitCode": .integer(Int64(failure.exitCode)),
        ]
        return (["ok": false, "error": error] as JSONValue).bytes + [0x0A]
    }
}

/// A "no" as it goes over the wire.
package struct ControlFailure: Error, Equatable, Sendable {
    /// What could not be done and why.
    package let message: String
    /// What to do about it; may be empty.
    package let remedy: String
    /// What the tool exits with, sysexits(3).
    package let exitCode: Int32

    /// A "no" with its reason.
    package init(_ message: String, remedy: String = "", exitCode: Int32 = 1) {
        self.message = message
        self.remedy = remedy
        self.exitCode = exitCode
    }
}

/// One request as the daemon's handler sees it: the peer may ask for it, the arguments are not checked yet.
package struct ControlRequest: Sendable, Equatable {
    package let verb: ControlVerb
    package let arguments: [String: JSONValue]

    /// A request.
    package init(_ verb: ControlVerb, _ arguments: [String: JSONValue] = [:]) {
        self.verb = verb
        self.arguments = arguments
    }

    /// The text of an argument that must be there.
    package func text(_ name: String) throws(ControlFailure) -> String {
        guard let text = arguments[name]?.text, !text.isEmpty else {
            throw ControlFailure("\(verb.rawValue) needs the argument \"\(name)\", a text", exitCode: 64)
        }
        return text
    }

    /// A truth value, false if it is not there.
    package func flag(_ name: String) -> Bool { arguments[name]?.bool ?? false }

    var line: [UInt8] {
        let value: JSONValue = [
            "v": .integer(ControlProtocol.version), "verb": .string(verb.rawValue), "arguments": .object(arguments),
        ]
        return value.bytes + [0x0A]
    }

    /// Reads a request line, without its line end.
    init(line: [UInt8]) throws(ControlFailure) {
        let value: JSONValue
        do throws(JSONFlaw) { value = try JSONValue(parsing: line) } catch {
            throw ControlFailure(
                "the request is not understood: \(error.reason)", remedy: "send one JSON object a line", exitCode: 76)
        }
        guard let version = value["v"]?.integer else {
            throw ControlFailure(
                "the request has no version \"v\"", remedy: "this ringfenced speaks \(ControlProtocol.name)",
                exitCode: 76)
        }
        guard version == ControlProtocol.version else {
            throw ControlFailure(
                "the tool speaks ringfence.control/v\(version), this ringfenced speaks \(ControlProtocol.name)",
                remedy: "install ringfence and ringfenced of one release", exitCode: 76)
        }
        guard let name = value["verb"]?.text, let verb = ControlVerb(rawValue: name) else {
            throw ControlFailure(
                "the request has no verb that this ringfenced knows",
                remedy: "install ringfence and ringfenced of one release", exitCode: 76)
        }
        switch value["arguments"] {
        case nil: self.init(verb)
        case .object(let arguments): self.init(verb, arguments)
        default: throw ControlFailure("the arguments are not a JSON object", exitCode: 76)
        }
    }
}

/// What the daemon's handler makes of a request.
package enum ControlAnswer: Sendable {
    case result(JSONValue)
    /// JSON that is there as bytes already, as a profile's file.
    case json([UInt8])
    case failure(ControlFailure)
    /// A list, one JSON value a line.
    case lines([[UInt8]])
    /// A tail: `backlog` first, one JSON value each, then what is published to `topic` until the topic or the client ends.
    case subscription(topic: String, backlog: [[UInt8]])
}
