// SPDX-License-Identifier: Apache-2.0
import Platform
import Testing

@Suite("GlobPattern")
struct GlobPatternTests {
    @Test(
        "a pattern fits the names it should and no others",
        arguments: [
            ("*", "", true), ("*", "web", true), ("web-*", "web-1", true), ("web-*", "web", false),
            ("w?b", "web", true), ("w?b", "wb", false), ("web-[0-9]", "web-7", true), ("web-[0-9]", "web-x", false),
            ("web-[!0-9]", "web-x", true), ("[]]", "]", true), ("[web", "[web", true), ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false), ("\\*", "*", true), ("\\*", "x", false), ("web", "web2", false),
        ])
    func fits(pattern: String, name: String, expected: Bool) {
        #expect(GlobPattern(pattern).matches(name) == expected)
    }

    @Test(
        "of the wildcards alone, brackets and backslashes stand for themselves",
        arguments: [
            ("a[0-9]*", "a[0-9]x", true), ("a[0-9]", "a7", false), ("\\u{202e}?", "\\u{202e}!", true),
            ("\\*", "\\*", true), ("\\*", "*", false), ("**", "", true), ("ns/?eb", "ns/web", true), ("?", "", false),
        ])
    func wildcards(pattern: String, name: String, expected: Bool) {
        #expect(GlobPattern(pattern, .wildcards).matches(name) == expected)
    }

    @Test("a pattern made to be slow ends")
    func terminates() {
        let pattern = String(repeating: "a*", count: 40) + "b"
        #expect(!GlobPattern(pattern).matches(String(repeating: "a", count: 400)))
    }
}
