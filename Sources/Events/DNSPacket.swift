// SPDX-License-Identifier: Apache-2.0
import CEvents

/// What a record of kind `dns` says of one packet; the message itself is not read yet.
package struct DNSPacket: Sendable {
    /// Both ends.
    package let exchange: ResolvedNames.Exchange
    /// Whether it came from the resolver.
    package let isAnswer: Bool
    /// The first bytes of the message, at most 512.
    package let bytes: [UInt8]
    /// Whether the message has more.
    package let isCut: Bool
    /// Thread group id of the process that asked last through this socket, initial pid namespace.
    package let process: UInt32

    /// Nil for what is no such record.
    package init?(_ record: Record) {
        guard record.kind == .dns, record.arguments.count >= 4 else { return nil }
        let flags = UInt32(truncatingIfNeeded: record.arguments[3])
        exchange = ResolvedNames.Exchange(
            resolver: NetworkAddress(words: (record.arguments[0], record.arguments[1])),
            port: UInt16(truncatingIfNeeded: record.arguments[2]),
            isLoopback: flags & UInt32(RF_DNS_LOOPBACK) != 0)
        isAnswer = flags & UInt32(RF_DNS_ANSWER) != 0
        bytes = record.message
        isCut = record.number > record.message.count
        process = record.tgid
    }
}
