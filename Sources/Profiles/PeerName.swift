// SPDX-License-Identifier: Apache-2.0
package import Events
import Platform

/// What a profile calls a network peer, a listener or a unix socket; see `text` for the forms.
package struct PeerName: Hashable, Sendable {
    /// Where the peer is.
    package enum Place: Hashable, Sendable {
        /// One address.
        case address(NetworkAddress)
        /// The addresses of one /24 (IPv6: /64), by the first of them.
        case prefix(NetworkAddress)
        /// Any address; of a listener: all that others can reach it by.
        case any
        /// Of a listener: nobody but its own network namespace can reach it.
        case loopback
        /// Whatever addresses this name of a host has, see `HostName`.
        case host(String)
        /// Of a unix socket: its name, escaped; an abstract one begins with `@`.
        case name(String)
    }

    package let kind: PeerSnapshot.Kind
    /// `IPPROTO_*`; 0 for a unix socket.
    package let transport: UInt8
    package let place: Place
    /// Of a listener: 0 if the kernel chose it. Of a unix socket: 0.
    package let port: UInt16

    init(_ kind: PeerSnapshot.Kind, transport: UInt8, _ place: Place, port: UInt16) {
        self.kind = kind
        self.transport = transport
        self.place = place
        self.port = port
    }

    /// A peer that is not a unix socket, as the kernel keeps it.
    package init(_ kind: PeerSnapshot.Kind, transport: UInt8, address: NetworkAddress, port: UInt16) {
        let place: Place = kind != .listen ? .address(address) : address.isLoopback ? .loopback : .any
        self.init(kind, transport: transport, place, port: port)
    }

    /// A unix socket by its name, escaped.
    package init(unix name: String) { self.init(.unix, transport: 0, .name(name), port: 0) }

    /// The same peer under the name that its address was found by.
    package func at(host: String) -> PeerName { PeerName(kind, transport: transport, .host(host), port: port) }

    /// The same peer by one address of its.
    package func at(_ address: NetworkAddress) -> PeerName {
        PeerName(kind, transport: transport, .address(address), port: port)
    }

    /// Whether names of hosts can stand for it: who hands out credentials is no matter of names.
    package var canHaveHost: Bool {
        guard case .address = place else { return false }
        return (kind == .connect || kind == .send) && !isCloudMetadata
    }

    /// What the kernel's entry is called.
    package init(_ peer: PeerSnapshot) {
        if peer.kind == .unix {
            self.init(unix: peer.name)
        } else {
            self.init(peer.kind, transport: peer.transport, address: peer.address, port: peer.port)
        }
    }

    /// Reads the form that `text` writes, and no other.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Self.kinds.first(where: { $0.value == parts[0] })?.key else { return nil }
        if kind == .unix {
            guard !parts[1].isEmpty, HostileText.isEscaped(text) else { return nil }
            self.init(unix: String(parts[1]))
            return
        }
        guard let slash = parts[1].firstIndex(of: "/"), let colon = parts[1].lastIndex(of: ":"), slash < colon,
            let transport = Self.transport(parts[1][..<slash]),
            let place = Self.place(parts[1][parts[1].index(after: slash)..<colon], kind),
            let port = Self.port(parts[1][parts[1].index(after: colon)...], kind)
        else { return nil }
        self.init(kind, transport: transport, place, port: port)
        // An address can be written in many ways, and an entry in one only.
        guard self.text == text else { return nil }
    }

    /// `connect/tcp/203.0.113.7:443`, `send/udp/[2001:db8::1]:53`, `connect/tcp/203.0.113.0/24:443`,
    /// `connect/tcp/[2001:db8::]/64:443`, `connect/tcp/*:443`, `connect/tcp/api.example.com:443`, `listen/tcp/*:80`, `listen/tcp/loopback:6379`,
    /// `listen/udp/*:any` for a port of the kernel's choice, `unix//run/docker.sock`, `unix/@abstract`.
    package var text: String {
        let kind = Self.kinds[kind] ?? ""
        let port = self.kind == .listen && port == 0 ? "any" : String(port)
        let location =
            switch place {
            case .address(let address): Self.text(address)
            case .prefix(let address): Self.text(address) + (address.isIPv4 ? "/24" : "/64")
            case .any: "*"
            case .loopback: "loopback"
            case .name(let name), .host(let name): name
            }
        return self.kind == .unix ? "\(kind)/\(location)" : "\(kind)/\(Self.text(transport))/\(location):\(port)"
    }

    /// Whether it is the socket of a container engine, as far as its name tells: whoever may speak to it has the host.
    package var isEngineSocket: Bool {
        guard case .name(let name) = place else { return false }
        return Self.engineSockets.contains(where: name.hasSuffix)
    }

    /// Whether it is the service that hands a cloud machine's credentials out to whoever asks.
    package var isCloudMetadata: Bool {
        guard case .address(let address) = place else { return false }
        return Self.metadataServices.contains(address)
    }

    /// What its name says of it, in words; nil for most.
    package var remark: String? {
        if isEngineSocket { return "the container engine's socket: whoever may speak to it controls the host" }
        return isCloudMetadata ? "the cloud metadata service: it hands out the machine's credentials" : nil
    }

    /// The entries that stand for it, the narrowest first: itself, its prefix, any address. The cloud metadata service is
    /// no neighbour of anybody: only its own entry stands for it.
    package var coverings: [PeerName] {
        guard kind == .connect || kind == .send, !isCloudMetadata else { return [self] }
        let any = PeerName(kind, transport: transport, .any, port: port)
        switch place {
        case .address(let address):
            return [self, PeerName(kind, transport: transport, .prefix(Self.prefix(of: address)), port: port), any]
        case .prefix, .host: return [self, any]
        case .any, .loopback, .name: return [self]
        }
    }

    /// `connect`, `send`, `listen` or `unix`.
    package var kindText: String { Self.kinds[kind] ?? "" }

    /// `tcp`, `udp`, `sctp`, or `ip` and the number; of no meaning for a unix socket.
    package var transportText: String { Self.text(transport) }

    /// Where cloud machines hand credentials out.
    package static let metadataServices = ["169.254.169.254", "fd00:ec2::254"].compactMap { NetworkAddress($0) }

    private static let kinds: [PeerSnapshot.Kind: String] = [
        .connect: "connect", .send: "send", .listen: "listen", .unix: "unix",
    ]
    private static let transports: [UInt8: String] = [6: "tcp", 17: "udp", 132: "sctp"]
    private static let engineSockets = ["docker.sock", "containerd.sock", "podman.sock", "crio.sock"]

    private static func text(_ transport: UInt8) -> String { transports[transport] ?? "ip\(transport)" }

    private static func transport(_ text: Substring) -> UInt8? {
        transports.first { $0.value == text }?.key ?? (text.hasPrefix("ip") ? UInt8(text.dropFirst(2)) : nil)
    }

    private static func text(_ address: NetworkAddress) -> String {
        address.isIPv4 ? address.text : "[\(address.text)]"
    }

    private static func address(_ text: Substring) -> NetworkAddress? {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        return NetworkAddress(String(isBracketed ? text.dropFirst().dropLast() : text))
    }

    private static func place(_ text: Substring, _ kind: PeerSnapshot.Kind) -> Place? {
        if text == "*" { return .any }
        guard kind != .listen else { return text == "loopback" ? .loopback : nil }
        guard let slash = text.firstIndex(of: "/") else {
            return address(text).map { .address($0) } ?? (HostName.isPlain(text) ? .host(String(text)) : nil)
        }
        return address(text[..<slash]).flatMap { prefix(of: $0) == $0 ? .prefix($0) : nil }
    }

    private static func port(_ text: Substring, _ kind: PeerSnapshot.Kind) -> UInt16? {
        kind == .listen && text == "any" ? 0 : UInt16(text)
    }

    /// The first address of the /24 (IPv6: /64) that `address` is in.
    package static func prefix(of address: NetworkAddress) -> NetworkAddress {
        address.isIPv4
            ? NetworkAddress(high: address.high, low: address.low & ~0xff) : NetworkAddress(high: address.high, low: 0)
    }
}
