// SPDX-License-Identifier: Apache-2.0
package import CEvents
import Platform

/// A network peer of one cgroup, a port it listens at or a unix socket it connects to, copied from the kernel's table.
package struct PeerSnapshot: Sendable, Hashable {
    /// What the cgroup does with the address. Raw values are `RF_PEER_*`.
    package enum Kind: UInt8, Sendable, CaseIterable {
        /// Opens a connection.
        case connect = 0
        /// Sends datagrams.
        case send = 1
        /// Waits for connections, or receives datagrams at a port that it chose.
        case listen = 2
        /// Connects to a unix socket.
        case unix = 3
    }

    package let kind: Kind
    /// Whether an exec session or a container's set-up did it, and not the workload.
    package let isOutsider: Bool
    /// The slot of the cgroup, and the sub-slot of the executable that did it first.
    package private(set) var slot: UInt32
    package private(set) var sub: UInt32
    /// `IPPROTO_*`; 0 for a unix socket.
    package let transport: UInt8
    /// Of a listener: the loopback address, or `::` for any other.
    package let address: NetworkAddress
    /// Of a listener: 0 if the kernel chose it. Of a unix socket: 0.
    package let port: UInt16
    /// The name of a unix socket, escaped; an abstract one begins with `@`. Empty for the others.
    package let name: String
    /// Attempts; of a listener: how often it began to listen.
    package let count: UInt64
    /// Nanoseconds of CLOCK_BOOTTIME.
    package let firstNanoseconds: UInt64
    package let lastNanoseconds: UInt64
    /// TCP connections that were established; of a listener: accepted.
    package let established: UInt64
    /// TCP connections that were refused, that timed out, and that failed otherwise after the first packet.
    package let refused: UInt64
    package let timedOut: UInt64
    package let failed: UInt64
    /// Thread group id of the first process that did it, initial pid namespace.
    package let pid: UInt32

    /// Copies an entry of the table of addresses; nil if its kind is not one of ours.
    package init?(key: rf_peer_key, value: rf_peer_facts) {
        guard let kind = Kind(rawValue: key.kind & ~UInt8(RF_PEER_SESSION)) else { return nil }
        self.init(
            kind, isOutsider: key.kind & UInt8(RF_PEER_SESSION) != 0, slot: key.slot, transport: key.protocol,
            address: NetworkAddress(words: key.address), port: key.port, name: "", value)
    }

    /// Copies an entry of the table of unix sockets.
    package init(key: rf_unix_key, value: rf_peer_facts) {
        let name = unsafe withUnsafeBytes(of: key.name) { bytes in
            if key.length == 0 { return unsafe HostileText.escaped(bytes.prefix { $0 != 0 }) }
            return unsafe "@" + HostileText.escaped(bytes.prefix(Int(key.length)).dropFirst())
        }
        self.init(
            .unix, isOutsider: key.kind & UInt16(RF_PEER_SESSION) != 0, slot: key.slot, transport: 0, address: .any,
            port: 0, name: name, value)
    }

    /// The same where numbers of slots and sub-slots are `offset` higher.
    package func shifted(by offset: UInt32) -> PeerSnapshot {
        var copy = self
        copy.slot &+= offset
        copy.sub &+= offset
        return copy
    }

    private init(
        _ kind: Kind, isOutsider: Bool, slot: UInt32, transport: UInt8, address: NetworkAddress, port: UInt16,
        name: String, _ value: rf_peer_facts
    ) {
        self.kind = kind
        self.isOutsider = isOutsider
        self.slot = slot
        self.transport = transport
        self.address = address
        self.port = port
        self.name = name
        sub = value.sub
        count = value.count
        firstNanoseconds = value.first_ns
        lastNanoseconds = value.last_ns
        established = value.established
        refused = value.refused
        timedOut = value.timed_out
        failed = UInt64(value.failed)
        pid = value.pid
    }
}
