// SPDX-License-Identifier: Apache-2.0

/// A pattern for profile keys: `*` is any text, `?` one character, all else itself.
struct KeyPattern {
    private let pattern: [Unicode.Scalar]

    init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

    /// Whether the whole of `key` fits. Steps are at most the product of both lengths.
    func matches(_ key: String) -> Bool {
        let text = Array(key.unicodeScalars)
        var position = 0
        var piece = 0
        var retry: (piece: Int, position: Int)?
        while position < text.count {
            if piece < pattern.count, pattern[piece] == "*" {
                piece += 1
                retry = (piece, position)
            } else if piece < pattern.count, pattern[piece] == "?" || pattern[piece] == text[position] {
                piece += 1
                position += 1
            } else if let last = retry {
                retry = (last.piece, last.position + 1)
                piece = last.piece
                position = last.position + 1
            } else {
                return false
            }
        }
        return pattern[piece...].allSatisfy { $0 == "*" }
    }
}
