// SPDX-License-Identifier: Apache-2.0
import Platform

/// Text that is not JSON, or that the reader does not take.
package struct JSONFlaw: Error, Equatable {
    /// A clause: "it is cut short".
    package let reason: String
}

extension JSONValue {
    /// Reads one JSON text, whole. Brackets may nest `JSONDuplicateKeys.nestingLimit` deep; a key that is there twice, text
    /// that is not UTF-8 and half a surrogate pair are flaws.
    package init(parsing bytes: [UInt8]) throws(JSONFlaw) {
        if let flaw = JSONDuplicateKeys.firstFlaw(in: bytes) { throw JSONFlaw(reason: flaw.what) }
        var parser = JSONValueParser(bytes)
        self = try parser.value(depth: 0)
    }
}

/// Reads text that has passed the scan for flaws, so brackets match and the depth is bounded; checks the rest.
private struct JSONValueParser {
    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) { self.text = text }

    mutating func value(depth: Int) throws(JSONFlaw) -> JSONValue {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"):
            var members: [String: JSONValue] = [:]
            position += 1
            skipSpace()
            while peek != UInt8(ascii: "}") {
                skipSpace()
                let key = try string()
                skipSpace()
                try take(UInt8(ascii: ":"))
                members[key] = try value(depth: depth + 1)
                skipSpace()
                guard peek == UInt8(ascii: ",") else { break }
                position += 1
            }
            try take(UInt8(ascii: "}"))
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            position += 1
            skipSpace()
            while peek != UInt8(ascii: "]") {
                elements.append(try value(depth: depth + 1))
                skipSpace()
                guard peek == UInt8(ascii: ",") else { break }
                position += 1
            }
            try take(UInt8(ascii: "]"))
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try string())
        default: return try scalar()
        }
    }

    private var peek: UInt8? { position < text.count ? text[position] : nil }

    private mutating func take(_ byte: UInt8) throws(JSONFlaw) {
        guard peek == byte else { throw JSONFlaw(reason: "it is not valid JSON") }
        position += 1
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func scalar() throws(JSONFlaw) -> JSONValue {
        let start = position
        while let byte = peek, byte > 0x20, byte != UInt8(ascii: ","), byte != UInt8(ascii: "]"),
            byte != UInt8(ascii: "}")
        {
            position += 1
        }
        let word = String(decoding: text[start..<position], as: UTF8.self)
        switch word {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        let digits = word.utf8.drop { $0 == UInt8(ascii: "-") }
        guard Self.isNumber(Array(word.utf8)) else {
            throw JSONFlaw(reason: "\"\(HostileText.escaped(Array(word.utf8.prefix(40))))\" is no JSON value")
        }
        if digits.allSatisfy({ (0x30...0x39).contains($0) }), let integer = Int64(word) { return .integer(integer) }
        guard let number = Double(word), number.isFinite else { throw JSONFlaw(reason: "a number is out of range") }
        return .number(number)
    }

    /// The grammar of RFC 8259, section 6.
    private static func isNumber(_ word: [UInt8]) -> Bool {
        var rest = word[...]
        func digits(_ rest: inout ArraySlice<UInt8>) -> Int {
            let count = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let leadingZero = rest.first == UInt8(ascii: "0")
        let whole = digits(&rest)
        if whole == 0 || (leadingZero && whole > 1) { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            if digits(&rest) == 0 { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            if digits(&rest) == 0 { return false }
        }
        return rest.isEmpty
    }

    private mutating func string() throws(JSONFlaw) -> String {
        try take(UInt8(ascii: "\""))
        var bytes: [UInt8] = []
        while let byte = peek, byte != UInt8(ascii: "\"") {
            position += 1
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            let escape = peek ?? 0
            position += 1
            switch escape {
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "u"): bytes.append(contentsOf: String(Character(try scalarEscape())).utf8)
            default: bytes.append(escape)
            }
        }
        try take(UInt8(ascii: "\""))
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSONFlaw(reason: "a string is not UTF-8")
        }
        return text
    }

    private mutating func scalarEscape() throws(JSONFlaw) -> Unicode.Scalar {
        var value = try unit()
        if 0xD800..<0xDC00 ~= value, peek == UInt8(ascii: "\\") {
            position += 1
            try take(UInt8(ascii: "u"))
            let low = try unit()
            guard 0xDC00..<0xE000 ~= low else { throw JSONFlaw(reason: "a string has half a surrogate pair") }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw JSONFlaw(reason: "a string has half a surrogate pair")
        }
        return scalar
    }

    private mutating func unit() throws(JSONFlaw) -> UInt32 {
        guard position + 4 <= text.count,
            let value = UInt32(String(decoding: text[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw JSONFlaw(reason: "it is not valid JSON") }
        position += 4
        return value
    }
}
