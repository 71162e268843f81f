// SPDX-License-Identifier: Apache-2.0
import Events
import TestSupport
import Testing

@Suite("Names of hosts")
struct HostNameTests {
    @Test(
        "plain names", arguments: ["db", "api.example.com", "_sip._udp.example.com", "a-1.b", "7.example", "x0.0x1g"])
    func plain(name: String) { #expect(HostName.isPlain(name)) }

    @Test(
        "what is no plain name, or could be read as an address or as another entry",
        arguments: [
            "", ".", "a.", ".a", "a..b", "A.example", "a b", "a/b", "a:b", "*", "[::1]", "1.2.3.4", "1.2.3", "16909060",
            "0x7f.1", "0x7f000001", "1.0x", "example.7", "-a", "a.-b", "é.example", "a\\x2eb", "a\nb", "loopback",
            String(repeating: "a", count: 64), String(repeating: "a.", count: 127) + "aa",
        ])
    func refused(name: String) { #expect(!HostName.isPlain(name)) }

    @Test("no random bytes make a name that is an address or that has other characters")
    func fuzz() {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("abfx019-_. :/[]*%\\é\u{7f}\n")
        for _ in 0..<20_000 {
            let text = String((0..<Int(random.next() % 12)).map { _ in alphabet[Int(random.next() % 20)] })
            guard HostName.isPlain(text) else { continue }
            #expect(NetworkAddress(text) == nil)
            #expect(text.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-_.".utf8.contains($0) })
        }
    }
}
