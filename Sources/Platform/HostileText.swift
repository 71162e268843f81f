// SPDX-License-Identifier: Apache-2.0

/// Makes text that came from a container safe to print: it cannot move a cursor, start a line, turn the writing
/// direction or smuggle bytes that are not UTF-8.
package enum HostileText {
    /// `bytes` as printable text on one line. Control, format, bidi, separator and unassigned characters become
    /// `\u{...}`, bytes that are not UTF-8 become `\xNN` and a backslash `\\`, so distinct inputs stay distinct: also as
    /// `String`, which takes "é" for equal to "e" and an accent. So combining marks are escaped, and characters that
    /// Unicode holds to be the same as another.
    package static func escaped(_ bytes: some Sequence<UInt8>) -> String {
        let raw = Array(bytes)
        var text = ""
        var position = 0
        while position < raw.count {
            let length = scalarLength(raw, at: position)
            guard length > 0,
                let scalar = String(validating: raw[position..<(position + length)], as: UTF8.self)?
                    .unicodeScalars.first
            else {
                text += "\\x" + String(raw[position], radix: 16, digits: 2)
                position += 1
                continue
            }
            append(scalar, to: &text)
            position += length
        }
        return text
    }

    /// `text` on one line without characters that do something, for a message that may hold escaped text already:
    /// backslashes stay as they are.
    package static func printable(_ text: String) -> String {
        escaped(text.utf8).replacing("\\\\", with: "\\")
    }

    /// `text` with the same escapes as bytes get. Applying it twice escapes the backslashes again: call it once, where
    /// the text enters.
    package static func escaped(_ text: String) -> String { escaped(text.utf8) }

    /// Whether `text` could have come from `escaped`: nothing in it needs an escape, backslashes aside. For text that was
    /// escaped where it entered and has been in a file since.
    package static func isEscaped(_ text: String) -> Bool { !text.unicodeScalars.contains(where: isHostile) }

    private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
        if isHostile(scalar) {
            text += "\\u{" + String(scalar.value, radix: 16, digits: 4) + "}"
        } else if scalar == "\\" {
            text += "\\\\"
        } else {
            text.unicodeScalars.append(scalar)
        }
    }

    private static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20..<0x7F).contains(scalar.value) { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return true
        // What a normal form would put together with the character before it, or replace by another one.
        case .nonspacingMark, .spacingMark, .enclosingMark: return true
        default:
            return scalar.properties.isFullCompositionExclusion
                || scalar.properties.canonicalCombiningClass != .notReordered
                || (0x1160...0x11FF).contains(scalar.value) || (0xD7B0...0xD7FF).contains(scalar.value)
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
}
