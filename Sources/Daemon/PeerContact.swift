// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import Profiles

/// What a record of a first contact says.
struct PeerContact {
    /// Nil for a unix socket: its name is in the kernel's table, under the record's time.
    let name: PeerName?
    /// Whether an exec session did it.
    let isOutsider: Bool

    /// Nil for what is no such record.
    init?(_ record: Record) {
        guard record.kind == .peer, record.arguments.count >= 4,
            let kind = UInt8(exactly: record.number & ~Int(RF_PEER_SESSION)).flatMap({ PeerSnapshot.Kind(rawValue: $0) }
            )
        else { return nil }
        isOutsider = record.number & Int(RF_PEER_SESSION) != 0
        guard kind != .unix else {
            name = nil
            return
        }
        name = PeerName(
            kind, transport: UInt8(truncatingIfNeeded: record.arguments[3]),
            address: NetworkAddress(words: (record.arguments[0], record.arguments[1])),
            port: UInt16(truncatingIfNeeded: record.arguments[2]))
    }
}
