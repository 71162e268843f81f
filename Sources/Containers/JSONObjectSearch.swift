// SPDX-License-Identifier: Apache-2.0

/// Finds one object in a large JSON text without decoding the rest.
enum JSONObjectSearch {
    /// The bytes of the first object whose text begins with `head`, up to its closing brace; nil if there is none or it is
    /// cut. `head` begins with a brace and a quotation mark: inside a JSON string a quotation mark is escaped, so only an
    /// object can match.
    static func object(in bytes: [UInt8], beginningWith head: String) -> ArraySlice<UInt8>? {
        let head = Array(head.utf8)
        guard let first = head.first, head.count <= bytes.count else { return nil }
        var start = 0
        let last = bytes.count - head.count
        while start <= last {
            if bytes[start] == first, bytes[start..<(start + head.count)] == head[...] {
                return object(in: bytes, from: start)
            }
            start += 1
        }
        return nil
    }

    private static func object(in bytes: [UInt8], from start: Int) -> ArraySlice<UInt8>? {
        var depth = 0
        var isText = false
        var position = start
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\\") where isText: position += 1
            case UInt8(ascii: "\""): isText.toggle()
            case UInt8(ascii: "{") where !isText: depth += 1
            case UInt8(ascii: "}") where !isText:
                depth -= 1
                if depth == 0 { return bytes[start...position] }
            default: break
            }
            position += 1
        }
        return nil
    }
}
