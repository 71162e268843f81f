// SPDX-License-Identifier: Apache-2.0
import Events
import Platform

/// The addresses of the network namespace that a process is in, as the kernel shows them below /proc/PID/net: without
/// entering it, and without its engine. A container that may change its addresses can claim any: they name, and prove
/// nothing.
enum NamespaceAddresses {
    /// The most addresses of one namespace, and bytes of a table that are looked at: a container makes both.
    static let limit = 64
    private static let tableLimit = 1 << 18

    /// Its addresses without those of loopback and link-local ones, which every namespace can have; empty if the process is
    /// gone.
    static func of(process pid: Int32, procfs: String = "/proc") -> Set<NetworkAddress> {
        let four = table("\(procfs)/\(pid)/net/fib_trie")
        let six = table("\(procfs)/\(pid)/net/if_inet6")
        return Set((ipv4(inTrie: four) + ipv6(inTable: six)).prefix(limit))
    }

    /// The addresses that the routing table of /proc/net/fib_trie calls local: a line `|-- 192.0.2.2` and, below it, one
    /// `/32 host LOCAL`.
    static func ipv4(inTrie text: String) -> [NetworkAddress] {
        var found: [NetworkAddress] = []
        var last: NetworkAddress?
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first == "|--", words.count == 2 {
                last = NetworkAddress(String(words[1]))
            } else if words == ["/32", "host", "LOCAL"], let address = last, isTelling(address),
                !found.contains(address)
            {
                // Each stands in the main table and in the local one.
                found.append(address)
                if found.count == limit { break }
            }
        }
        return found
    }

    /// The addresses of /proc/net/if_inet6: 32 digits, the interface, the length of the prefix, the scope, flags, a name.
    static func ipv6(inTable text: String) -> [NetworkAddress] {
        text.split(separator: "\n").prefix(limit).compactMap { line in
            guard let digits = line.split(separator: " ").first, digits.utf8.count == 32,
                let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16)
            else { return nil }
            let address = NetworkAddress(high: high, low: low)
            return isTelling(address) ? address : nil
        }
    }

    private static func isTelling(_ address: NetworkAddress) -> Bool {
        // fe80::/10 is on every link.
        !address.isLoopback && !address.isAny && address.high >> 54 != 0xfe80 >> 6
    }

    private static func table(_ path: String) -> String {
        String(decoding: (try? FileBytes.prefix(of: path, limit: tableLimit)) ?? [], as: UTF8.self)
    }
}
