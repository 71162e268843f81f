// SPDX-License-Identifier: Apache-2.0
import Events
import TestSupport
import Testing

@testable import Daemon

@Suite("Addresses of network namespaces")
struct NamespaceAddressesTests {
    private static let trie = """
        Main:
          +-- 0.0.0.0/0 3 0 5
             |-- 0.0.0.0
                /0 universe UNICAST
             +-- 127.0.0.0/8 2 0 2
                   |-- 127.0.0.1
                      /32 host LOCAL
             +-- 172.17.0.0/16 2 0 2
                   |-- 172.17.0.0
                      /16 link UNICAST
                   |-- 172.17.0.2
                      /32 host LOCAL
                |-- 172.17.255.255
                   /32 link BROADCAST
        Local:
                   |-- 172.17.0.2
                      /32 host LOCAL
                   |-- 10.1.2.3
                      /32 link BROADCAST
                      /32 host LOCAL
        """

    @Test("the kernel's tables are read: local addresses once each, without loopback, broadcast and networks")
    func tables() {
        #expect(NamespaceAddresses.ipv4(inTrie: Self.trie).map(\.text) == ["172.17.0.2", "10.1.2.3"])
        let six = """
            fd000000000000000000000000000002 04 40 00 82     eth0
            00000000000000000000000000000001 01 80 10 80       lo
            fe8000000000000000fc00fffe000001 04 40 20 80     eth0
            20010db80000000000000000000000zz 04 40 20 80     eth1
            """
        #expect(NamespaceAddresses.ipv6(inTable: six).map(\.text) == ["fd00::2"])
    }

    @Test("whatever the tables hold there is an answer, and no more of it than has a limit")
    func damaged() {
        let many = (0..<200).map { "|-- 10.9.0.\($0)\n/32 host LOCAL\n" }.joined()
        #expect(NamespaceAddresses.ipv4(inTrie: many).count == NamespaceAddresses.limit)
        #expect(NamespaceAddresses.ipv4(inTrie: "/32 host LOCAL\n|-- \n|-- x y\n|-- 1.2.3\n/32 host LOCAL").isEmpty)
        #expect(NamespaceAddresses.ipv6(inTable: "\n \n0\n" + String(repeating: "f", count: 33)).isEmpty)
        var random = SeededGenerator(seed: 7)
        let bytes = Array(Self.trie.utf8)
        for _ in 0..<500 {
            var damaged = bytes
            for _ in 0..<8 {
                damaged[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let text = String(decoding: damaged, as: UTF8.self)
            #expect(NamespaceAddresses.ipv4(inTrie: text).count <= 3 && NamespaceAddresses.ipv6(inTable: text).isEmpty)
        }
        #expect(NamespaceAddresses.of(process: 1, procfs: "/nowhere").isEmpty)
    }
}
