// SPDX-License-Identifier: Apache-2.0

/// A pattern for names, as people write it to a shell.
package struct GlobPattern: Sendable {
    /// Which characters mean something.
    package enum Grammar: Sendable {
        /// `*` any text, `?` one character, `[a-z]` and `[!a-z]` a set, `\` takes the next literally.
        case shell
        /// `*` and `?` alone: for text that may hold brackets and backslashes of its own.
        case wildcards
    }

    private enum Piece: Sendable {
        case text
        case one
        case literal(Unicode.Scalar)
        case set([ClosedRange<UInt32>], negated: Bool)
    }

    private let pieces: [Piece]
    /// Whether the pattern has anything but literal characters.
    package let isGlob: Bool

    /// Every text is a pattern: a `[` that nothing closes stands for itself.
    package init(_ pattern: String, _ grammar: Grammar = .shell) {
        var pieces: [Piece] = []
        var glob = false
        var rest = Array(pattern.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*":
                glob = true
                if case .text? = pieces.last { continue }
                pieces.append(.text)
            case "?":
                glob = true
                pieces.append(.one)
            case "[" where grammar == .shell:
                if let set = Self.set(&rest) {
                    glob = true
                    pieces.append(set)
                } else {
                    pieces.append(.literal(scalar))
                }
            case "\\" where grammar == .shell: pieces.append(.literal(rest.popFirst() ?? scalar))
            default: pieces.append(.literal(scalar))
            }
        }
        self.pieces = pieces
        isGlob = glob
    }

    /// Whether the whole of `name` fits. Steps are at most the product of both lengths, whatever the pattern.
    package func matches(_ name: String) -> Bool {
        let scalars = Array(name.unicodeScalars)
        var piece = 0
        var position = 0
        var retry: (piece: Int, position: Int)?
        while position < scalars.count {
            if piece < pieces.count, case .text = pieces[piece] {
                retry = (piece, position)
                piece += 1
            } else if piece < pieces.count, fits(pieces[piece], scalars[position]) {
                piece += 1
                position += 1
            } else if let last = retry {
                retry = (last.piece, last.position + 1)
                piece = last.piece + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        while piece < pieces.count, case .text = pieces[piece] { piece += 1 }
        return piece == pieces.count
    }

    private func fits(_ piece: Piece, _ scalar: Unicode.Scalar) -> Bool {
        switch piece {
        case .text, .one: true
        case .literal(let wanted): wanted == scalar
        case .set(let ranges, let negated): ranges.contains { $0.contains(scalar.value) } != negated
        }
    }

    /// The set whose "[" was just read; nil, and nothing taken, if no "]" follows.
    private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> Piece? {
        var look = rest
        let negated = look.first == "!" || look.first == "^"
        if negated { look.removeFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while let low = look.popFirst() {
            if low == "]", !isFirst {
                rest = look
                return .set(ranges, negated: negated)
            }
            isFirst = false
            if look.first == "-", let high = look.dropFirst().first, high != "]" {
                look.removeFirst(2)
                if low.value <= high.value { ranges.append(low.value...high.value) }
            } else {
                ranges.append(low.value...low.value)
            }
        }
        return nil
    }
}
