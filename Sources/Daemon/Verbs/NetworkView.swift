// SPDX-License-Identifier: Apache-2.0
import Containers
import Control
import Events
import FoundationEssentials
import Platform
import Profiles

/// What the kernel's table of peers says of containers, in the form of the verb `network`.
struct NetworkView {
    private let peers: [UInt32: [PeerSnapshot]]
    private let book: AddressBook
    private let executable: (UInt32) -> String?
    private let hosts: (PeerSnapshot) -> [String]
    private let clock = BootClock()

    /// What the kernel keeps now; `executable` names a sub-slot's, `hosts` the names that a peer's
    /// address was found by.
    init(
        _ peers: [PeerSnapshot], _ book: AddressBook, executable: @escaping (UInt32) -> String?,
        hosts: @escaping (PeerSnapshot) -> [String]
    ) {
        self.hosts = hosts
        self.peers = Dictionary(grouping: peers, by: \.slot)
        self.book = book
        self.executable = executable
    }

    /// How a contact stands to the profile of whoever made it.
    enum Standing: String {
        /// The profile expects it.
        case learned
        /// It will be part of the profile when the epoch is over.
        case learning
        /// The profile is compared, and does not expect it.
        case new
        /// It waits for a person's decision.
        case held
        /// An exec session's or the set-up's: no profile speaks of it.
        case session
        /// Nothing is compared: the container is off, or its profile was learned without peers.
        case unjudged
    }

    /// One container with everything it talks to.
    ///
    /// - Parameters:
    ///   - state: as `containers` says it.
    ///   - lost: contacts with peers that found no place.
    func json(
        _ container: TrackedContainer, state: String, _ matcher: PeerMatcher, _ profile: BehaviourProfile?, lost: UInt64
    ) -> JSONValue {
        let description = container.description
        let rows = rows(of: container).map { row in
            json(row, standing: standing(row, state, matcher, profile))
        }
        let value: JSONValue = [
            "name": .string(description.name), "id": .string(description.id),
            "engine": .string(description.engine.rawValue), "image": .optional(description.image),
            "key": .string(container.key), "state": .string(state),
            "addresses": .list(book.addresses(of: container).map(\.text)), "lost": .count(lost), "peers": .array(rows),
        ]
        return value.compact
    }

    /// One peer of one container: the sum over its cgroups.
    private struct Row {
        let name: PeerName
        let isOutsider: Bool
        var parts: [PeerSnapshot]

        var hosts: [String] = []

        func sum(_ count: KeyPath<PeerSnapshot, UInt64>) -> JSONValue {
            .count(parts.reduce(0) { $0 &+ $1[keyPath: count] })
        }
    }

    private func rows(of container: TrackedContainer) -> [Row] {
        var rows: [PeerName: (own: [PeerSnapshot], outside: [PeerSnapshot])] = [:]
        for peer in container.slots.flatMap({ peers[$0] ?? [] }) {
            var known = rows[PeerName(peer)] ?? ([], [])
            if peer.isOutsider { known.outside.append(peer) } else { known.own.append(peer) }
            rows[PeerName(peer)] = known
        }
        return rows.sorted { $0.key.text < $1.key.text }.flatMap { name, known in
            [
                Row(name: name, isOutsider: false, parts: known.own),
                Row(name: name, isOutsider: true, parts: known.outside),
            ].filter { !$0.parts.isEmpty }.map { row in
                var named = row
                named.hosts = row.parts.lazy.map(hosts).first { !$0.isEmpty } ?? []
                return named
            }
        }
    }

    private func standing(
        _ row: Row, _ state: String, _ matcher: PeerMatcher, _ profile: BehaviourProfile?
    ) -> Standing {
        if row.isOutsider { return .session }
        if state == "off" { return .unjudged }
        let judged = JudgedPeer(row.name, hosts: row.hosts, matcher)
        guard judged.isExpected else {
            let isHeld = profile?.peers?[judged.item.text]?.held != nil
            return isHeld || state != "monitoring" ? .held : .new
        }
        guard !matcher.isOpen || profile?.peers != nil else { return state == "learning" ? .learning : .unjudged }
        let names = row.name.coverings + (judged.host.map { [row.name.at(host: $0)] } ?? [])
        let isKnown = names.contains { profile?.peers?[$0.text]?.phases[Phase.workload.name] != nil }
        return isKnown || !matcher.isOpen ? .learned : .learning
    }

    private func json(_ row: Row, standing: Standing) -> JSONValue {
        let name = row.name
        let executables = Set(row.parts.compactMap { executable($0.sub) }).sorted()
        var value: [String: JSONValue] = [
            "entry": .string(name.text), "kind": .string(name.kindText), "standing": .string(standing.rawValue),
            "isNew": .bool(standing == .new),
            "first": .date(clock.date(ofNanoseconds: row.parts.map(\.firstNanoseconds).min() ?? 0)),
            "last": .date(clock.date(ofNanoseconds: row.parts.map(\.lastNanoseconds).max() ?? 0)),
            "count": row.sum(\.count), "executables": .list(executables), "remark": .optional(name.remark),
        ]
        if !row.hosts.isEmpty, name.canHaveHost { value["names"] = .list(row.hosts) }
        if name.kind != .unix {
            value["protocol"] = .string(name.transportText)
            value["port"] = .count(name.port)
        }
        switch name.place {
        case .address(let address):
            value["address"] = .string(address.text)
            let owners = book.owners(of: address)
            if !owners.isEmpty {
                value["containers"] = .array(
                    owners.map { ["name": .string($0.description.name), "id": .string($0.description.id)] })
            } else if book.isHost(address) {
                value["isHost"] = true
            }
        case .loopback: value["address"] = "loopback"
        case .any: value["address"] = "*"
        case .name(let text): value["address"] = .string(text)
        case .prefix, .host: break
        }
        if name.transportText == "tcp" {
            let ends: [(String, KeyPath<PeerSnapshot, UInt64>)] =
                name.kind == .listen
                ? [("accepted", \.established)]
                : [
                    ("established", \.established), ("refused", \.refused), ("timedOut", \.timedOut),
                    ("failed", \.failed),
                ]
            for (end, count) in ends { value[end] = row.sum(count) }
        }
        return JSONValue.object(value).compact
    }
}
