// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// Lays a profile's JSON out for people who compare two runs: one entry (a call, an executable, an argument, a decision)
/// is one line, however much evidence it has. A call that is new is then one added line of a diff.
struct ProfileLayout {
    /// How many levels below a top-level field are broken into lines; one, unless named here.
    private static let levels: [String: Int] = ["calls": 2, "denied": 2, "learning": 2]

    private let json: [UInt8]
    private var position = 0
    private var text: [UInt8] = []

    /// `json`, which an encoder has just written without any white space, with line breaks and a final one.
    private static func lines(_ json: [UInt8]) -> [UInt8] {
        var layout = ProfileLayout(json: json)
        layout.value(levels: 1, indent: 0)
        return layout.text + [UInt8(ascii: "\n")]
    }

    /// The JSON of `value`, laid out: equal values give equal bytes. Throws what the encoder throws.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return lines([UInt8](try encoder.encode(value)))
    }

    private init(json: [UInt8]) {
        self.json = json
        text.reserveCapacity(json.count + json.count / 4)
    }

    private var current: UInt8 { position < json.count ? json[position] : 0 }

    /// Copies one value; containers of the first `levels` levels get a line for each element.
    private mutating func value(levels: Int, indent: Int) {
        switch current {
        case UInt8(ascii: "{"): container(until: UInt8(ascii: "}"), levels: levels, indent: indent)
        case UInt8(ascii: "["): container(until: UInt8(ascii: "]"), levels: levels, indent: indent)
        case UInt8(ascii: "\""): _ = string()
        default:
            while !",]}".utf8.contains(current), position < json.count { copy() }
        }
    }

    private mutating func container(until end: UInt8, levels: Int, indent: Int) {
        let keyed = end == UInt8(ascii: "}")
        copy()
        if current == end { return copy() }
        while position < json.count {
            if levels > 0 { newLine(indent + 1) }
            var below = levels - 1
            if keyed {
                let key = string()
                if indent == 0 { below = Self.levels[key] ?? 1 }
                copy()
                text.append(UInt8(ascii: " "))
            }
            value(levels: below, indent: indent + 1)
            guard current == UInt8(ascii: ",") else { break }
            copy()
            if levels <= 0 { text.append(UInt8(ascii: " ")) }
        }
        if levels > 0 { newLine(indent) }
        copy()
    }

    /// Copies a string with its quotes and returns what is between them.
    private mutating func string() -> String {
        let start = position
        copy()
        while position < json.count, current != UInt8(ascii: "\"") {
            if current == UInt8(ascii: "\\") { copy() }
            copy()
        }
        copy()
        return String(decoding: json[start..<position].dropFirst().dropLast(), as: UTF8.self)
    }

    private mutating func copy() {
        guard position < json.count else { return }
        text.append(json[position])
        position += 1
    }

    private mutating func newLine(_ indent: Int) {
        text.append(UInt8(ascii: "\n"))
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indent))
    }
}
