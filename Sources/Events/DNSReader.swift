// SPDX-License-Identifier: Apache-2.0

/// Reads the parts of a DNS message, in order.
struct DNSReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    /// RFC 1035, 2.3.4: bytes of a name with the lengths of its labels.
    private static let nameLimit = 255
    /// Pointers in one name: a suffix is written once, and names that share it point there.
    private static let pointerLimit = 16

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func number16() throws(DNSMessage.Flaw) -> UInt16 { UInt16(truncatingIfNeeded: try number(bytes: 2)) }

    mutating func number32() throws(DNSMessage.Flaw) -> UInt32 { UInt32(truncatingIfNeeded: try number(bytes: 4)) }

    mutating func number64() throws(DNSMessage.Flaw) -> UInt64 { try number(bytes: 8) }

    private mutating func number(bytes count: Int) throws(DNSMessage.Flaw) -> UInt64 {
        guard bytes.count - position >= count else { throw .length }
        let number = bytes[position..<position + count].reduce(0) { $0 << 8 | UInt64($1) }
        position += count
        return number
    }

    /// Where the data of a record ends that is so long.
    func end(after length: UInt16) throws(DNSMessage.Flaw) -> Int {
        guard bytes.count - position >= Int(length) else { throw .length }
        return position + Int(length)
    }

    /// Whether a whole record is there, as far as its lengths tell.
    var hasRecord: Bool {
        var ahead = self
        do throws(DNSMessage.Flaw) {
            _ = try ahead.name()
            _ = try ahead.number64()
            _ = try ahead.end(after: try ahead.number16())
            return true
        } catch { return error != .length }
    }

    mutating func skip(to end: Int) { position = end }

    /// A name in lower case, its labels with dots between them; "." is the root. Bytes that host names have not, the dot
    /// included, are `\xNN`, so that distinct names stay distinct and are safe to print.
    mutating func name() throws(DNSMessage.Flaw) -> String {
        var text = ""
        var length = 1
        var place = position
        // A pointer has to lead backwards from where the name, or the part that a pointer led to, began.
        var floor = position
        var pointers = 0
        while true {
            guard place < bytes.count else { throw .length }
            let head = bytes[place]
            switch head {
            case 0:
                if pointers == 0 { position = place + 1 }
                return text.isEmpty ? "." : text
            case 1...63:
                let end = place + 1 + Int(head)
                guard end <= bytes.count else { throw .length }
                length += 1 + Int(head)
                guard length <= Self.nameLimit else { throw .name }
                if !text.isEmpty { text += "." }
                for byte in bytes[place + 1..<end] { Self.append(byte, to: &text) }
                place = end
            case 0xC0...0xFF:
                guard place + 1 < bytes.count else { throw .length }
                let target = Int(head & 0x3F) << 8 | Int(bytes[place + 1])
                guard target < floor, pointers < Self.pointerLimit else { throw .name }
                if pointers == 0 { position = place + 2 }
                pointers += 1
                (floor, place) = (target, target)
            default: throw .name
            }
        }
    }

    private static func append(_ byte: UInt8, to text: inout String) {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): text.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            text.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16)
            text += "\\x" + (digits.count == 1 ? "0" : "") + digits
        }
    }
}
