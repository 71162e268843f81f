// SPDX-License-Identifier: Apache-2.0

/// Makes text that came from a container safe to print: it cannot move a cursor, start a line, turn the writing
/// direction or smuggle bytes that are not UTF-8.
package enum HostileText {
    /// `bytes` as printable text on one line. Control, format, bidi, separator and unassigned characters become
    /// `\u{...}`, bytes that are not UTF-8 become `\xNN` and a backslash `\\`, so distinct inputs stay distinct.
    package static func escaped(_ bytes: some Sequence<UInt8>) -> String {
        let raw = Array(bytes)
        var text = ""
        var position = 0
        while position < raw.count {
            let length = scalarLength(raw, at: position)
            guard length > 0, let scalar = String(validating: raw[position..<(position + length)], as: UTF8.self)?
                .unicodeScalars.first
            else {
                text += "\\x" + hexadecimal(UInt32(raw[position]), digits: 2)
                position += 1
                continue
            }
            append(scalar, to: &text)
            position += length
        }
        return text
    }

    /// `text` with the same escapes as bytes get. Applying it twice escapes the backslashes again: call it once, where
    /// the text enters.
    package static func escaped(_ text: String) -> String { escaped(text.utf8) }

    private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            text += "\\u{" + hexadecimal(scalar.value, digits: 4) + "}"
        case _ where scalar == "\\":
            text += "\\\\"
        default:
            text.unicodeScalars.append(scalar)
        }
    }

    /// How long the UTF-8 sequence claims to be that starts at `position`; 0 if it cannot start there or is cut.
    private static func scalarLength(_ raw: [UInt8], at position: Int) -> Int {
        let length =
            switch raw[position] {
            case 0x00...0x7F: 1
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        return position + length <= raw.count ? length : 0
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
