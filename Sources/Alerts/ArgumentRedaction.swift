// SPDX-License-Identifier: Apache-2.0

/// Takes passwords, tokens and other secrets out of a command line before anybody sees it.
enum ArgumentRedaction {
    private static let mark = Array("[redacted]".utf8)
    /// What a key contains that has a secret as its value; compared without case, "-" and "_".
    private static let words = [
        "password", "passwd", "passphrase", "pwd", "token", "secret", "apikey", "accesskey", "privatekey", "credential",
        "authorization", "bearer", "cookie", "signature",
    ].map { Array($0.utf8) }

    /// The words with every value of a secret-like key replaced: `--token=V`, `--token V`, `TOKEN=V cmd`,
    /// `?token=V&x`, `"token": "V"`, `Authorization: Bearer V` and `//user:V@host`.
    static func redacted(_ arguments: some Sequence<ArraySlice<UInt8>>) -> [[UInt8]] {
        var redactsNext = false
        return arguments.map { word in
            if redactsNext, word.first != UInt8(ascii: "-") {
                redactsNext = false
                return mark
            }
            let plain = redacted(word: Array(word))
            redactsNext = word.first == UInt8(ascii: "-") && plain.elementsEqual(word) && isSecret(word)
            return plain
        }
    }

    private static func redacted(word: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        while position < word.count {
            let byte = word[position]
            result.append(byte)
            position += 1
            if byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") {
                let key = key(before: position - 1, in: word)
                guard isSecret(word[key]) else { continue }
                let end = valueEnd(word, from: position, startsWord: key.lowerBound <= 2, separator: byte)
                if end > position { result += mark }
                position = end
            } else if byte == UInt8(ascii: "/"), position >= 2, word[position - 2] == byte,
                let secret = userInformation(word, from: position)
            {
                result += word[position..<secret.lowerBound] + mark
                position = secret.upperBound
            }
        }
        return result
    }

    /// The key that ends before the separator, quotes and spaces in between skipped.
    private static func key(before separator: Int, in word: [UInt8]) -> Range<Int> {
        var end = separator
        while end > 0, isQuote(word[end - 1]) || word[end - 1] == 0x20 { end -= 1 }
        var start = end
        while start > 0, isKey(word[start - 1]) { start -= 1 }
        return start..<end
    }

    /// A key that begins the word has the rest of it as its value; else the value ends with its quote, or at "&" or space.
    private static func valueEnd(_ word: [UInt8], from start: Int, startsWord: Bool, separator: UInt8) -> Int {
        if startsWord { return word.count }
        var position = start
        while position < word.count, word[position] == 0x20 { position += 1 }
        guard position < word.count else { return word.count }
        if isQuote(word[position]) {
            let rest = word[(position + 1)...]
            return rest.firstIndex(of: word[position]).map { $0 + 1 } ?? word.count
        }
        // "Authorization: Bearer V": the value of a header goes to the end.
        if separator == UInt8(ascii: ":"), position > start { return word.count }
        return word[position...].firstIndex { $0 == UInt8(ascii: "&") || $0 <= 0x20 } ?? word.count
    }

    /// The password of "//user:password@host".
    private static func userInformation(_ word: [UInt8], from start: Int) -> Range<Int>? {
        let authority = word[start...].prefix { $0 != UInt8(ascii: "/") && $0 > 0x20 }
        guard let at = authority.lastIndex(of: UInt8(ascii: "@")),
            let colon = authority[..<at].firstIndex(of: UInt8(ascii: ":")), colon + 1 < at
        else { return nil }
        return (colon + 1)..<at
    }

    private static func isSecret(_ key: some Sequence<UInt8>) -> Bool {
        let folded = key.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
            .map { 0x41...0x5A ~= $0 ? $0 + 0x20 : $0 }
        return words.contains { folded.contains($0) }
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }

    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }
}
