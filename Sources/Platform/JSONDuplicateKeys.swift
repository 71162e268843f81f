// SPDX-License-Identifier: Apache-2.0

/// Finds keys that a JSON object has twice. Decoders silently keep one of the two, and not all keep the same one.
package enum JSONDuplicateKeys {
    /// The first key that repeats one of the same object, with its line (from 1), or nil if there is none. For text that
    /// a JSON decoder has accepted: of other text only that it ends without harm is promised.
    package static func firstDuplicate(in json: [UInt8]) -> (key: String, line: Int)? {
        // One set of keys for each open object; nil for an open array.
        var open: [Set<[UInt8]>?] = []
        var line = 1
        var position = 0
        while position < json.count {
            switch json[position] {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "{"): open.append([])
            case UInt8(ascii: "["): open.append(nil)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
            case UInt8(ascii: "\""):
                let start = position + 1
                position = start
                while position < json.count, json[position] != UInt8(ascii: "\"") {
                    position += json[position] == UInt8(ascii: "\\") ? 2 : 1
                }
                let end = min(position, json.count)
                var next = end + 1
                while next < json.count, [0x20, 0x09, 0x0A, 0x0D].contains(json[next]) { next += 1 }
                guard next < json.count, json[next] == UInt8(ascii: ":"), case .some(.some(var keys)) = open.popLast()
                else { break }
                let key = Array(json[start..<end])
                guard keys.insert(key).inserted else { return (HostileText.escaped(key), line) }
                open.append(keys)
            default: break
            }
            position += 1
        }
        return nil
    }
}
