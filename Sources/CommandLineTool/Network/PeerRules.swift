// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Platform
import Profiles

/// What a packet filter has to let through for what one profile has learned, and what of it no filter can say.
struct PeerRules {
    /// Where packets of one kind go, or come in at.
    struct Flow: Hashable, Comparable {
        let transport: String
        /// `.address`, `.prefix` or `.any`.
        let place: PeerName.Place
        /// 0: a port of the kernel's choice.
        let port: UInt16

        static func < (left: Flow, right: Flow) -> Bool {
            (left.transport, left.port, left.order) < (right.transport, right.port, right.order)
        }

        private var order: NetworkAddress {
            switch place {
            case .address(let address), .prefix(let address): address
            case .any, .loopback, .name, .host: .any
            }
        }
    }

    /// What people call the profile; escaped.
    let key: String
    /// Whom it connects or sends to, sorted; none is part of another one.
    let outgoing: [Flow]
    /// Where it listens, sorted.
    let incoming: [Flow]
    /// What is wider than what was seen, and what is left out: a sentence each.
    let remarks: [String]

    /// Ports that the kernel chooses from, unless net.ipv4.ip_local_port_range says otherwise (ip(7)).
    static let chosenPorts: ClosedRange<UInt16> = 32768...60999
    static let transports = ["sctp", "tcp", "udp"]

    /// Throws for a profile that was learned without peers: that it has none means nothing.
    init(_ profile: BehaviourProfile) throws(CommandFailure) {
        key = profile.key
        guard let peers = profile.peers else {
            throw .data(
                "the profile \(profile.key) was learned without network peers: "
                    + "`ringfence profile relearn` makes it learn them")
        }
        let verdicts = profile.verdicts
        var names: [PeerName] = []
        var held: [String] = []
        for (text, evidence) in peers {
            guard let name = PeerName(text), evidence.phases[Phase.workload.name] != nil else { continue }
            switch verdicts[ProfileEntry.peer(text)] {
            case .accept: names.append(name)
            case .remove, .hold: held.append(text)
            case nil: if evidence.held == nil { names.append(name) } else { held.append(text) }
            }
        }
        for (entry, verdict) in verdicts where verdict == .accept && entry.hasPrefix("peers/") {
            if let name = PeerName(String(entry.dropFirst(6))), peers[name.text] == nil { names.append(name) }
        }
        let named = names.filter { $0.host != nil }
        names = names.flatMap { Self.addresses(of: $0, in: profile) }
        let filtered = names.filter { Self.transports.contains($0.transportText) && !$0.isInside && $0.isPossible }
        let all = Set(filtered.filter { $0.kind != .listen })
        outgoing = Set(all.filter { !$0.isPart(of: all) }.map(\.flow)).sorted()
        incoming = Set(filtered.filter { $0.kind == .listen }.map(\.flow)).sorted()
        remarks =
            Self.remarks(profile, names, held: held.sorted(), outgoing, incoming)
            + named.map { Self.remark(of: $0, in: profile) }.sorted()
    }

    /// No filter knows names: what stands for one is the addresses that it had.
    private static func addresses(of name: PeerName, in profile: BehaviourProfile) -> [PeerName] {
        guard let host = name.host else { return [name] }
        let known = profile.addresses?[host] ?? []
        if known == [HostAddresses.any] {
            return [PeerName("\(name.kindText)/\(name.transportText)/*:\(name.port)") ?? name]
        }
        // No name stands for the service that hands credentials out, nor for what a person decided otherwise about.
        let verdicts = profile.verdicts
        return known.compactMap { NetworkAddress($0) }.map { name.at($0) }.filter {
            !$0.isCloudMetadata && verdicts[ProfileEntry.peer($0.text)].map { $0 == .accept } ?? true
        }
    }

    private static func remark(of name: PeerName, in profile: BehaviourProfile) -> String {
        let known = name.host.flatMap { profile.addresses?[$0] } ?? []
        let what = "\(name.host ?? "") port \(name.port) (\(name.transportText))"
        if known.isEmpty { return "left out: \(what), a name whose addresses are not known" }
        return known == [HostAddresses.any]
            ? "generalised: \(what) is a name with more than \(HostAddresses.limit) addresses: any address at that port"
            : "a filter cannot say names: \(what) is here as the addresses that it had: \(known.joined(separator: ", "))"
    }

    /// The addresses that hand credentials out and that a flow would reach along with others: no wide entry stands for them.
    static func metadata(within place: PeerName.Place) -> [NetworkAddress] {
        switch place {
        case .any: PeerName.metadataServices
        case .prefix(let prefix): PeerName.metadataServices.filter { PeerName.prefix(of: $0) == prefix }
        case .address, .loopback, .name, .host: []
        }
    }

    /// A name for what is made of the profile: letters, digits and dashes, and no two profiles have the same.
    var identifier: String {
        let plain = key.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let words = String(plain).split(separator: "-").joined(separator: "-").prefix(40)
        let slug = words.hasSuffix("-") ? String(words.dropLast()) : String(words)
        return (slug.isEmpty ? "" : slug + "-") + hash
    }

    /// The same as few hexadecimal digits.
    var hash: String { String(SHA256.hexadecimal(of: key.utf8).prefix(8)) }

    private static func remarks(
        _ profile: BehaviourProfile, _ names: [PeerName], held: [String], _ outgoing: [Flow], _ incoming: [Flow]
    ) -> [String] {
        let span = "\(profile.window.start.formatted(.iso8601)) to \(profile.window.end.formatted(.iso8601))"
        var remarks = ["learned from \(span)" + (profile.learning.map { ", \($0.state.rawValue)" } ?? "")]
        remarks += profile.window.partial.map { "the profile is partial: \($0)" }
        remarks.append("addresses are what was seen: a service that moves needs a new rule")
        for flow in outgoing {
            let port = "port \(flow.port) (\(flow.transport))"
            switch flow.place {
            case .prefix(let prefix):
                remarks.append(
                    "generalised: \(cidr(prefix, isPrefix: true)) \(port) stands for more than \(PeerEntries.neighbourLimit) "
                        + "addresses that were seen")
            case .any:
                remarks.append(
                    "generalised: any address at \(port) stands for more than \(PeerEntries.neighbourLimit) prefixes "
                        + "that were seen")
            case .address, .loopback, .name, .host: break
            }
        }
        if !incoming.isEmpty { remarks.append("generalised: who connects is not learned, so anybody may") }
        if incoming.contains(where: { $0.port == 0 }) {
            remarks.append(
                "generalised: a port of the kernel's choice is any from \(chosenPorts.lowerBound) to \(chosenPorts.upperBound)"
            )
        }
        let inside = names.count { $0.isInside }
        if inside > 0 {
            remarks.append("left out: \(NumberText.counted(inside, "loopback or unix socket")) (never filtered)")
        }
        remarks += names.filter { !$0.isInside && (!transports.contains($0.transportText) || !$0.isPossible) }
            .map(\.text).sorted().map { "left out: \($0), which a filter cannot say" }
        remarks += held.map { "left out: \($0), which is held for review or was rejected" }
        return remarks
    }

    /// `203.0.113.7/32`, `2001:db8::/64`.
    static func cidr(_ address: NetworkAddress, isPrefix: Bool = false) -> String {
        "\(address.text)/\(isPrefix ? address.isIPv4 ? 24 : 64 : address.isIPv4 ? 32 : 128)"
    }
}

extension PeerName {
    /// Whether no packet of it leaves the namespace.
    fileprivate var isInside: Bool {
        switch place {
        case .address(let address), .prefix(let address): address.isLoopback || address.isAny
        case .loopback, .name: true
        case .any, .host: false
        }
    }

    /// Nothing is sent to port 0.
    fileprivate var isPossible: Bool { kind == .listen || port != 0 }

    fileprivate var flow: PeerRules.Flow { PeerRules.Flow(transport: transportText, place: place, port: port) }

    /// Whether another one of `names` stands for it, too.
    fileprivate func isPart(of names: Set<PeerName>) -> Bool { coverings.dropFirst().contains(where: names.contains) }
}
