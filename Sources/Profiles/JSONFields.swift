// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// The fields of a JSON text, to tell those that a decoder would pass over in silence.
enum JSONFields {
    /// The path of every key whose value is not null, as `calls/x86_64/read`; elements of an array share its path. For text
    /// that a decoder has accepted.
    static func paths(in json: [UInt8]) -> Set<String> {
        var paths: Set<String> = []
        // The path of each open container, and the last key read in it.
        var open: [(path: String, key: String)] = [("", "")]
        var position = 0
        while position < json.count {
            switch json[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let parent = open[open.count - 1]
                open.append((parent.key.isEmpty ? parent.path : parent.key, ""))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if open.count > 1 { open.removeLast() }
            case UInt8(ascii: "\""):
                let start = position
                position += 1
                while position < json.count, json[position] != UInt8(ascii: "\"") {
                    position += json[position] == UInt8(ascii: "\\") ? 2 : 1
                }
                var next = position + 1
                while next < json.count, isSpace(json[next]) { next += 1 }
                guard next < json.count, json[next] == UInt8(ascii: ":") else { break }
                let parent = open[open.count - 1].path
                let path = parent + (parent.isEmpty ? "" : "/") + text(json[start...position])
                open[open.count - 1].key = path
                next += 1
                while next < json.count, isSpace(json[next]) { next += 1 }
                if next < json.count, json[next] != UInt8(ascii: "n") { paths.insert(path) }
            default: break
            }
            position += 1
        }
        return paths
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// A key's text from its quoted form, where one character may be written in several ways.
    private static func text(_ quoted: ArraySlice<UInt8>) -> String {
        if quoted.contains(UInt8(ascii: "\\")), let text = try? JSONDecoder().decode(String.self, from: Data(quoted)) {
            return text
        }
        return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    }
}
