// SPDX-License-Identifier: Apache-2.0

/// Finds what JSON decoders let pass: a key that an object has twice. They keep one of the two, not all the same one, so
/// two readers of one file can see two files.
package enum JSONDuplicateKeys {
    /// Objects and arrays inside each other that are followed; deeper text is a flaw. Decoders have limits of their own.
    package static let nestingLimit = 64

    /// The first key that repeats one of the same object, escaped for printing, with its line (from 1); nil if there is
    /// none. For text that a JSON decoder has accepted; in other text it looks as far as the first flaw.
    package static func firstDuplicate(in json: [UInt8]) -> (key: String, line: Int)? {
        var scanner = JSONScanner(json)
        guard case .duplicate(let key) = scanner.scan() else { return nil }
        return (HostileText.escaped(key), scanner.line)
    }

    /// What is wrong with `json` as JSON, in words, and in which line: its first syntax error, text that ends early,
    /// too deep nesting or a repeated key. Nil if nothing is.
    package static func firstFlaw(in json: [UInt8]) -> (what: String, line: Int)? {
        var scanner = JSONScanner(json)
        switch scanner.scan() {
        case nil: return nil
        case .duplicate(let key): return ("the key \"\(HostileText.escaped(key))\" is there twice", scanner.line)
        case .syntax: return ("it is not valid JSON", scanner.line)
        case .end: return ("it is cut short", scanner.line)
        case .depth: return ("brackets are nested more than \(nestingLimit) deep", scanner.line)
        }
    }
}

/// One pass over JSON text, with a stack instead of recursion.
private struct JSONScanner {
    enum Flaw {
        case duplicate([UInt8])
        case syntax, end, depth
    }

    /// An open object with the keys that it has so far (as decoded bytes), or an open array.
    private enum Open {
        case object(Set<[UInt8]>)
        case array
    }

    private let text: [UInt8]
    private var position = 0
    private(set) var line = 1
    private var open: [Open] = []

    init(_ text: [UInt8]) { self.text = text }

    mutating func scan() -> Flaw? {
        while true {
            if let flaw = value() { return flaw }
            // A value has ended: close what it ends, go on behind a comma.
            while true {
                skipSpace()
                guard let top = open.last else { return position == text.count ? nil : .syntax }
                guard position < text.count else { return .end }
                let byte = text[position]
                position += 1
                switch (byte, top) {
                case (UInt8(ascii: "}"), .object), (UInt8(ascii: "]"), .array):
                    open.removeLast()
                    continue
                case (UInt8(ascii: ","), .object):
                    if let flaw = key() { return flaw }
                case (UInt8(ascii: ","), .array): break
                default: return .syntax
                }
                break
            }
        }
    }

    /// Passes a scalar or an empty container whole, or opens containers down to their first scalar.
    private mutating func value() -> Flaw? {
        while true {
            skipSpace()
            guard position < text.count else { return .end }
            switch text[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < JSONDuplicateKeys.nestingLimit else { return .depth }
                let isObject = text[position] == UInt8(ascii: "{")
                position += 1
                skipSpace()
                guard position < text.count else { return .end }
                if text[position] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    position += 1
                    return nil
                }
                open.append(isObject ? .object([]) : .array)
                if isObject, let flaw = key() { return flaw }
            case UInt8(ascii: "\""): return string().flaw
            default: return scalar()
            }
        }
    }

    /// A key of the innermost object and its colon.
    private mutating func key() -> Flaw? {
        skipSpace()
        guard position < text.count else { return .end }
        guard text[position] == UInt8(ascii: "\""), case .object(var keys) = open.popLast() else { return .syntax }
        let (bytes, flaw) = string()
        if let flaw { return flaw }
        guard keys.insert(bytes).inserted else { return .duplicate(bytes) }
        open.append(.object(keys))
        skipSpace()
        guard position < text.count else { return .end }
        guard text[position] == UInt8(ascii: ":") else { return .syntax }
        position += 1
        return nil
    }

    /// A string with its escapes decoded, so that `"a"` and `"\u0061"` are one key.
    private mutating func string() -> (bytes: [UInt8], flaw: Flaw?) {
        position += 1
        var bytes: [UInt8] = []
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return (bytes, nil)
            case 0x00..<0x20: return (bytes, .syntax)
            case UInt8(ascii: "\\"):
                if let flaw = escape(into: &bytes) { return (bytes, flaw) }
            default: bytes.append(byte)
            }
        }
        return (bytes, .end)
    }

    private mutating func escape(into bytes: inout [UInt8]) -> Flaw? {
        guard position < text.count else { return .end }
        let byte = text[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "u"):
            guard let unit = hexadecimal() else { return position >= text.count ? .end : .syntax }
            var value = UInt32(unit)
            if 0xD800..<0xDC00 ~= unit, position + 1 < text.count, text[position] == UInt8(ascii: "\\"),
                text[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                guard let low = hexadecimal(), 0xDC00..<0xE000 ~= low else { return .syntax }
                value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { return .syntax }
            bytes.append(contentsOf: String(Character(scalar)).utf8)
        default: return .syntax
        }
        return nil
    }

    private mutating func hexadecimal() -> UInt16? {
        guard position + 4 <= text.count else {
            position = text.count
            return nil
        }
        var value: UInt16 = 0
        for byte in text[position..<(position + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt16(digit)
        }
        position += 4
        return value
    }

    /// A number or one of three words; the decoder judges whether it is a good one.
    private mutating func scalar() -> Flaw? {
        let start = position
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
                UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                position += 1
                continue
            default: break
            }
            break
        }
        return position > start ? nil : .syntax
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
