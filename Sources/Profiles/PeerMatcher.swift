// SPDX-License-Identifier: Apache-2.0
import Events

/// Which network peers are expected: the exact names, the names of hosts with the addresses they had, and the prefixes that
/// stand for many.
package struct PeerMatcher: Equatable, Sendable {
    /// How a contact stands to what is expected.
    package enum Judgement: Equatable, Sendable {
        case expected
        /// The name is expected, and had other addresses when it was learned.
        case newAddress(of: String)
        case unexpected
    }

    /// Whether what no entry speaks of is expected: while a profile learns, and where it was learned without peers.
    package let isOpen: Bool
    private let allowed: Set<PeerName>
    private let refused: Set<PeerName>
    /// The addresses that names of hosts had, and the names that are told apart by them: not those with any address, nor those
    /// that people allowed without having seen one.
    private let hosts: [NetworkAddress: Set<String>]
    private let located: Set<String>

    /// Expects everything but engine sockets that nobody has accepted: those of `accepted`, by their `ProfileEntry` names.
    package static func open(accepted: Set<String> = []) -> PeerMatcher {
        PeerMatcher(isOpen: true, allowed: accepted, refused: [])
    }

    /// Expects what these `ProfileEntry` names say, the narrowest that speaks of a peer before the wider ones.
    init(isOpen: Bool, allowed: Set<String>, refused: Set<String>, addresses: [String: [String]] = [:]) {
        func names(_ entries: Set<String>) -> Set<PeerName> {
            Set(entries.compactMap { $0.hasPrefix("peers/") ? PeerName(String($0.dropFirst("peers/".count))) : nil })
        }
        self.isOpen = isOpen
        self.allowed = names(allowed)
        self.refused = names(refused)
        var hosts: [NetworkAddress: Set<String>] = [:]
        for (host, list) in addresses {
            for address in list.compactMap({ NetworkAddress($0) }) { hosts[address, default: []].insert(host) }
        }
        self.hosts = hosts
        located = Set(addresses.filter { !$0.value.isEmpty && $0.value != [HostAddresses.any] }.keys)
    }

    /// Whether this peer is expected; one at an address also under the names that it had when they were learned.
    package func allows(_ name: PeerName) -> Bool { judge(name, hosts: []) == .expected }

    /// How a peer is judged whose address was found by these names. The address comes before its names, and they before the
    /// entry for any address: what was rejected stays so under whatever name.
    package func judge(_ name: PeerName, hosts found: [String]) -> Judgement {
        for entry in name.coverings where entry.place != .any || entry == name {
            if refused.contains(entry) { return .unexpected }
            if allowed.contains(entry) { return .expected }
        }
        var known: String?
        if let address = name.address, name.canHaveHost {
            let had = hosts[address] ?? []
            if found.contains(where: { refused.contains(name.at(host: $0)) }) { return .unexpected }
            if had.contains(where: { allowed.contains(name.at(host: $0)) && !refused.contains(name.at(host: $0)) }) {
                return .expected
            }
            let learned = found.filter { allowed.contains(name.at(host: $0)) }
            if !learned.allSatisfy(located.contains) { return .expected }
            known = learned.first
        }
        if let any = name.coverings.last, any.place == .any {
            if refused.contains(any) { return .unexpected }
            if allowed.contains(any) { return .expected }
        }
        if isOpen { return name.isEngineSocket ? .unexpected : .expected }
        return known.map { .newAddress(of: $0) } ?? .unexpected
    }
}
