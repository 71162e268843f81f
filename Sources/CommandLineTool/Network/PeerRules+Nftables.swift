// SPDX-License-Identifier: Apache-2.0
import Events
import Platform
import Profiles

extension PeerRules {
    /// A table for nft(8), to be loaded in the network namespace of the container, where all packets are its own.
    var nftables: String {
        let table = "inet ringfence_\(hash)"
        let header = [
            "what ringfence learned of the profile \"\(key)\"",
            "load it in the container's network namespace: nsenter -t PID -n nft -f FILE",
            "a namespace takes one such table: what one table drops no other can accept",
            "generalised: ICMP, loopback and answers to what was let through are always accepted",
        ]
        let wide = outgoing.filter { if case .address = $0.place { false } else { true } }
        let hidden = PeerName.metadataServices.filter { service in
            wide.contains { Self.metadata(within: $0.place).contains(service) }
        }
        var lines = (header + remarks).map { "# " + HostileText.printable($0) }
        // Made first, so that there is one to be taken away, and the new one comes in one transaction.
        lines += ["table \(table)", "delete table \(table)", "table \(table) {"]
        lines += sets.flatMap { set in
            ["\tset \(set.name) {", "\t\ttype \(set.type)"] + (set.hasIntervals ? ["\t\tflags interval"] : [])
                + ["\t\telements = { \(set.elements.joined(separator: ",\n\t\t\t")) }", "\t}"]
        }
        lines += ["\tchain output {", "\t\ttype filter hook output priority filter; policy drop;"]
        lines += Self.always(interface: "oifname")
        lines += exactMetadata(hidden) + hidden.map { "\t\t\(Self.family($0)) daddr \($0.text) drop" }
        lines += sets.filter(\.isOutgoing).map { "\t\t\($0.match) @\($0.name) accept" } + ["\t}"]
        lines += ["\tchain input {", "\t\ttype filter hook input priority filter; policy drop;"]
        lines += Self.always(interface: "iifname")
        lines += sets.filter { !$0.isOutgoing }.map { "\t\t\($0.match) @\($0.name) accept" } + ["\t}", "}"]
        return lines.map { $0 + "\n" }.joined()
    }

    private struct NamedSet {
        let name: String
        let type: String
        let match: String
        let isOutgoing: Bool
        let hasIntervals: Bool
        let elements: [String]
    }

    private var sets: [NamedSet] {
        Self.transports.flatMap { transport in
            let flows = outgoing.filter { $0.transport == transport }
            let any = flows.filter { $0.place == .any }
            let ports = incoming.filter { $0.transport == transport }
            return [
                Self.addresses(flows, transport, isIPv4: true), Self.addresses(flows, transport, isIPv4: false),
                NamedSet(
                    name: "to_any_\(transport)", type: "inet_service", match: "\(transport) dport", isOutgoing: true,
                    hasIntervals: false, elements: any.map { "\($0.port)" }),
                NamedSet(
                    name: "listens_\(transport)", type: "inet_service", match: "\(transport) dport", isOutgoing: false,
                    hasIntervals: true, elements: Self.merged(ports)),
            ]
        }.filter { !$0.elements.isEmpty }
    }

    private static func addresses(_ flows: [Flow], _ transport: String, isIPv4: Bool) -> NamedSet {
        let elements = flows.compactMap { flow -> String? in
            switch flow.place {
            case .address(let address): address.isIPv4 == isIPv4 ? "\(address.text) . \(flow.port)" : nil
            case .prefix(let prefix):
                prefix.isIPv4 == isIPv4 ? "\(cidr(prefix, isPrefix: true)) . \(flow.port)" : nil
            case .any, .loopback, .name, .host: nil
            }
        }
        return NamedSet(
            name: "to_\(isIPv4 ? "ipv4" : "ipv6")_\(transport)",
            type: "\(isIPv4 ? "ipv4" : "ipv6")_addr . inet_service",
            match: "\(isIPv4 ? "ip" : "ip6") daddr . \(transport) dport", isOutgoing: true, hasIntervals: true,
            elements: elements)
    }

    /// Ports of listeners; the kernel refuses a set in which one is in a range, too.
    private static func merged(_ flows: [Flow]) -> [String] {
        let hasChosen = flows.contains { $0.port == 0 }
        let single = flows.filter { $0.port != 0 && !(hasChosen && chosenPorts.contains($0.port)) }.map { "\($0.port)" }
        return single + (hasChosen ? ["\(chosenPorts.lowerBound)-\(chosenPorts.upperBound)"] : [])
    }

    /// What was learned of the services that hand credentials out, before nobody else may ask them.
    private func exactMetadata(_ hidden: [NetworkAddress]) -> [String] {
        outgoing.compactMap { flow in
            guard case .address(let address) = flow.place, hidden.contains(address) else { return nil }
            return "\t\t\(Self.family(address)) daddr \(address.text) \(flow.transport) dport \(flow.port) accept"
        }
    }

    private static func family(_ address: NetworkAddress) -> String { address.isIPv4 ? "ip" : "ip6" }

    private static func always(interface: String) -> [String] {
        [
            "\t\t\(interface) \"lo\" accept", "\t\tct state established,related accept",
            "\t\tmeta l4proto { icmp, ipv6-icmp } accept",
        ]
    }
}
