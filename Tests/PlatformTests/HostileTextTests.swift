// SPDX-License-Identifier: Apache-2.0
import Platform
import TestSupport
import Testing

@Suite("HostileText")
struct HostileTextTests {
    @Test("each of the 256 bytes becomes printable text, and no two the same")
    func everyByte() {
        var seen: Set<String> = []
        for byte in UInt8.min ... .max {
            let text = HostileText.escaped([byte])
            #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "\(byte)")
            #expect(seen.insert(text).inserted, "\(byte)")
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\\") {
                #expect(text == String(UnicodeScalar(byte)))
            }
        }
    }

    @Test(
        "what could act on a terminal or a log is spelled out",
        arguments: [
            ("\u{1B}[2J", "\\u{001b}[2J"), ("a\r\nb", "a\\u{000d}\\u{000a}b"), ("a\tb", "a\\u{0009}b"),
            ("\u{7F}", "\\u{007f}"), ("\u{9B}", "\\u{009b}"), ("\u{202E}exe", "\\u{202e}exe"),
            ("\u{2066}", "\\u{2066}"), ("\u{200B}", "\\u{200b}"), ("\u{FEFF}", "\\u{feff}"), ("\u{2028}", "\\u{2028}"),
            ("\u{E000}", "\\u{e000}"), ("\u{E0041}", "\\u{e0041}"), ("\\", "\\\\"), ("\\x41", "\\\\x41"),
            ("\0", "\\u{0000}"),
        ])
    func acting(text: String, escaped: String) {
        #expect(HostileText.escaped(text) == escaped)
        #expect(HostileText.isEscaped(escaped))
    }

    @Test(
        "ordinary text of any script stays as it is",
        arguments: ["/usr/bin/sh", "héllo", "Ünïcödé", "日本語", "한국", "שלום", "🎉", ""])
    func ordinary(text: String) {
        #expect(HostileText.escaped(text) == text)
        #expect(HostileText.isEscaped(text))
    }

    @Test("bytes that are not UTF-8 are spelled out one by one")
    func invalid() {
        #expect(HostileText.escaped([0xFF, 0x41]) == "\\xffA")
        #expect(HostileText.escaped([0xC0, 0xAF]) == "\\xc0\\xaf", "overlong")
        #expect(HostileText.escaped([0xED, 0xA0, 0x80]) == "\\xed\\xa0\\x80", "a surrogate")
        #expect(HostileText.escaped([0xF4, 0x90, 0x80, 0x80]) == "\\xf4\\x90\\x80\\x80", "past the last scalar")
        #expect(HostileText.escaped([0xE2, 0x82]) == "\\xe2\\x82", "cut")
        #expect(HostileText.escaped([0xE2, 0x82, 0xAC]) == "€")
    }

    @Test("texts that Swift holds to be equal stay distinct")
    func normalForms() {
        for (one, other) in [
            ("\u{E9}", "e\u{301}"), ("\u{212B}", "\u{C5}"), ("\u{AC00}", "\u{1100}\u{1161}"), ("\u{2126}", "\u{3A9}"),
        ] {
            #expect(one == other)
            #expect(HostileText.escaped(one) != HostileText.escaped(other))
        }
    }

    @Test("distinct inputs stay distinct", arguments: 1...20)
    func distinct(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        // Bytes and pieces that are likely to collide if anything does.
        let pieces: [[UInt8]] = [
            [0x5C], [0x78], [0x75], [0x7B], [0x7D], Array("\\x41".utf8), Array("\\u{0041}".utf8), [0x41], [0xC3],
            [0xA9],
            Array("e\u{301}".utf8), Array("é".utf8), [0xCC, 0x81], [0x65], [0xE1, 0x84, 0x80], [0xE1, 0x85, 0xA1],
            Array("가".utf8), Array("\u{212B}".utf8), Array("Å".utf8), [0x1B], [0xFF], [0x00], Array("\u{202E}".utf8),
        ]
        var origin: [String: [UInt8]] = [:]
        for _ in 0..<5_000 {
            var input: [UInt8] = []
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                input += pieces.randomElement(using: &random) ?? []
                if Int.random(in: 0..<4, using: &random) == 0 {
                    input.append(UInt8.random(in: .min ... .max, using: &random))
                }
            }
            let text = HostileText.escaped(input)
            #expect(HostileText.isEscaped(text))
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
            #expect(origin[text] == nil || origin[text] == input, "\(input)")
            origin[text] = input
        }
    }

    @Test("no two characters are equal after escaping")
    func everyScalar() {
        var seen: [String: UInt32] = [:]
        for value in UInt32(0)...0x2FFFF {
            guard let scalar = UnicodeScalar(value) else { continue }
            let text = HostileText.escaped(String(String.UnicodeScalarView([scalar])))
            #expect(seen[text] == nil, "\(value)")
            seen[text] = value
        }
    }
}
