// SPDX-License-Identifier: Apache-2.0
import Glibc

/// An IPv4 or IPv6 address. An IPv4 address and the IPv6 address that stands for it (`::ffff:192.0.2.1`) are the same.
package struct NetworkAddress: Sendable, Hashable, Comparable {
    /// Both halves as numbers, the first byte of the address in the highest place; IPv4 is `::ffff:0:0/96`.
    package let high: UInt64
    package let low: UInt64

    private static let mapped: UInt64 = 0xffff_0000_0000

    /// The address `::`, which stands for any.
    package static let any = NetworkAddress(high: 0, low: 0)

    /// The address with these halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An IPv4 address as a number, its first byte in the highest place.
    package init(ipv4: UInt32) { self.init(high: 0, low: Self.mapped | UInt64(ipv4)) }

    /// An address as it lies in the kernel's memory, network order, as two words of this machine.
    package init(words: (UInt64, UInt64)) {
        self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
    }

    /// Reads `192.0.2.1` or `2001:db8::1`; nil for what is neither.
    package init?(_ text: String) {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            self.init(high: 0, low: Self.mapped | UInt64(UInt32(bigEndian: four.s_addr)))
            return
        }
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let words = unsafe withUnsafeBytes(of: six) {
            unsafe ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(words: words)
    }

    /// Whether this is an IPv4 address.
    package var isIPv4: Bool { high == 0 && low >> 32 == Self.mapped >> 32 }

    /// Whether only the machine itself, or its network namespace, is there: 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { isIPv4 ? low >> 24 & 0xff == 127 : high == 0 && low == 1 }

    /// Whether it stands for any address: `::` and 0.0.0.0.
    package var isAny: Bool { high == 0 && (low == 0 || low == Self.mapped) }

    /// `192.0.2.1`, or an IPv6 address in the short form of RFC 5952.
    package var text: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        if isIPv4 {
            var four = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
            _ = unsafe inet_ntop(AF_INET, &four, &buffer, socklen_t(buffer.count))
        } else {
            var words = (high.bigEndian, low.bigEndian)
            _ = unsafe inet_ntop(AF_INET6, &words, &buffer, socklen_t(buffer.count))
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package static func < (left: NetworkAddress, right: NetworkAddress) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
