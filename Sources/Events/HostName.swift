// SPDX-License-Identifier: Apache-2.0

/// Which names of the domain name system are names of hosts. A name can have any bytes, and containers choose them: what is
/// none of these is never learned.
package enum HostName {
    /// RFC 1035, 2.3.4, as text without the last dot.
    package static let limit = 253
    private static let labelLimit = 63

    /// Whether `text` is labels of small letters, digits, `-` and `_`, with dots between them, and can be no address: the last
    /// label is not a number in any notation (`203.0.113.7`, `3405803783`, `0x7f.1`, `127.0x1`), as browsers tell it too.
    package static func isPlain(_ text: some StringProtocol) -> Bool {
        // That word stands for an address where listeners are named.
        guard !text.isEmpty, text.utf8.count <= limit, text != "loopback" else { return false }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let last = labels.last, !isNumber(Array(last)) else { return false }
        return labels.allSatisfy { label in
            (1...labelLimit).contains(label.count) && label.first != UInt8(ascii: "-") && label.allSatisfy(isPlain)
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isNumber(_ label: [UInt8]) -> Bool {
        if label.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) { return true }
        guard label.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "x")]) else { return false }
        return label.dropFirst(2).allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
    }
}
