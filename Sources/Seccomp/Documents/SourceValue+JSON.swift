// SPDX-License-Identifier: Apache-2.0
import Platform

extension SourceValue {
    /// The value of a JSON text in which `JSONDuplicateKeys.firstFlaw` finds nothing; nil for other text.
    static func parse(json text: [UInt8]) -> SourceValue? {
        var reader = JSONSourceReader(text)
        return reader.whole()
    }
}

/// A pass over JSON text whose form was checked before: brackets are nested no deeper than that check allows.
private struct JSONSourceReader {
    private let text: [UInt8]
    private var position = 0
    private var line = 1

    init(_ text: [UInt8]) { self.text = text }

    mutating func whole() -> SourceValue? {
        guard let value = value(depth: 0) else { return nil }
        skipSpace()
        return position == text.count ? value : nil
    }

    private mutating func value(depth: Int) -> SourceValue? {
        skipSpace()
        guard position < text.count, depth <= JSONDuplicateKeys.nestingLimit else { return nil }
        let start = line
        switch text[position] {
        case UInt8(ascii: "{"): return object(depth: depth).map { SourceValue(content: .object($0), line: start) }
        case UInt8(ascii: "["): return list(depth: depth).map { SourceValue(content: .list($0), line: start) }
        case UInt8(ascii: "\""): return string().map { SourceValue(content: .text($0), line: start) }
        default: return scalar().map { SourceValue(content: $0, line: start) }
        }
    }

    private mutating func object(depth: Int) -> [SourceValue.Member]? {
        position += 1
        var members: [SourceValue.Member] = []
        while true {
            skipSpace()
            guard position < text.count else { return nil }
            if take("}") { return members }
            if !members.isEmpty {
                guard take(",") else { return nil }
                skipSpace()
            }
            let start = line
            guard position < text.count, text[position] == UInt8(ascii: "\""), let key = string() else { return nil }
            skipSpace()
            guard take(":"), let value = value(depth: depth + 1) else { return nil }
            members.append(SourceValue.Member(key: key, line: start, value: value))
        }
    }

    private mutating func list(depth: Int) -> [SourceValue]? {
        position += 1
        var elements: [SourceValue] = []
        while true {
            skipSpace()
            guard position < text.count else { return nil }
            if take("]") { return elements }
            if !elements.isEmpty, !take(",") { return nil }
            guard let value = value(depth: depth + 1) else { return nil }
            elements.append(value)
        }
    }

    private mutating func string() -> String? {
        position += 1
        var bytes: [UInt8] = []
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                bytes += Array(String(Character(scalar)).utf8)
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard position < text.count else { return nil }
        let byte = text[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "u"):
            guard let unit = unit() else { return nil }
            guard 0xD800..<0xDC00 ~= unit else { return Unicode.Scalar(unit) }
            guard take("\\"), take("u"), let low = self.unit(), 0xDC00..<0xE000 ~= low else { return nil }
            return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        default: return Unicode.Scalar(byte)
        }
    }

    /// Four hexadecimal digits.
    private mutating func unit() -> UInt32? {
        guard position + 4 <= text.count else { return nil }
        defer { position += 4 }
        return UInt32(String(decoding: text[position..<position + 4], as: UTF8.self), radix: 16)
    }

    private mutating func scalar() -> SourceValue.Content? {
        let start = position
        let ends = Set(",]} \t\r\n".utf8)
        while position < text.count, !ends.contains(text[position]) { position += 1 }
        let word = String(decoding: text[start..<position], as: UTF8.self)
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        default: return Double(word) == nil ? nil : .number(word)
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < text.count {
            switch text[position] {
            case 0x0A: line += 1
            case 0x20, 0x09, 0x0D: break
            default: return
            }
            position += 1
        }
    }
}
