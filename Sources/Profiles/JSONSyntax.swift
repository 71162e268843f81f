// SPDX-License-Identifier: Apache-2.0

/// Finds where a text stops being JSON, for people: the decoder only tells that it does.
struct JSONSyntax {
    /// As deep as the decoder goes.
    private static let depthLimit = 512

    private let json: [UInt8]
    private var position = 0

    /// What is wrong with a text that the decoder refused, in words.
    static func fault(in json: [UInt8]) -> String {
        var syntax = JSONSyntax(json: json)
        let whole = syntax.value(depth: 0)
        syntax.skipSpace()
        if whole, syntax.position == json.count { return "it has a number out of range, or text that is not UTF-8" }
        let line = 1 + json[..<min(syntax.position, json.count)].count { $0 == UInt8(ascii: "\n") }
        return syntax.position >= json.count
            ? "it is cut short: it ends in line \(line)" : "line \(line) is not valid JSON"
    }

    private init(json: [UInt8]) { self.json = json }

    /// The byte at the position, or 0, which is never part of JSON, past the end.
    private var current: UInt8 { position < json.count ? json[position] : 0 }

    /// Passes over one value; if it is faulty, stops there and returns false.
    private mutating func value(depth: Int) -> Bool {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return depth < Self.depthLimit && elements(until: UInt8(ascii: "}"), depth: depth)
        case UInt8(ascii: "["): return depth < Self.depthLimit && elements(until: UInt8(ascii: "]"), depth: depth)
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return word("true")
        case UInt8(ascii: "f"): return word("false")
        case UInt8(ascii: "n"): return word("null")
        default:
            let start = position
            while "+-.eE0123456789".utf8.contains(current) { position += 1 }
            return position > start && Double(String(decoding: json[start..<position], as: UTF8.self)) != nil
        }
    }

    private mutating func elements(until end: UInt8, depth: Int) -> Bool {
        position += 1
        skipSpace()
        if current == end { return pass(end) }
        repeat {
            if end == UInt8(ascii: "}") {
                skipSpace()
                guard string() else { return false }
                skipSpace()
                guard pass(UInt8(ascii: ":")) else { return false }
            }
            guard value(depth: depth + 1) else { return false }
            skipSpace()
        } while pass(UInt8(ascii: ","))
        return pass(end)
    }

    private mutating func string() -> Bool {
        guard pass(UInt8(ascii: "\"")) else { return false }
        while current >= 0x20, current != UInt8(ascii: "\"") {
            position += current == UInt8(ascii: "\\") ? 2 : 1
        }
        return pass(UInt8(ascii: "\""))
    }

    private mutating func word(_ word: String) -> Bool {
        for byte in word.utf8 where !pass(byte) { return false }
        return true
    }

    private mutating func pass(_ byte: UInt8) -> Bool {
        guard position < json.count, json[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while [0x20, 0x09, 0x0A, 0x0D].contains(current) { position += 1 }
    }
}
