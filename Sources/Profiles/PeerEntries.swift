// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials

/// Keeps the peers of a profile few: who has had many neighbours may have any, and no profile keeps peers without end.
/// What comes out depends on the entries that went in alone, and not on their order.
package enum PeerEntries {
    /// More addresses of one prefix than this, with the same kind, protocol and port, become the prefix; more such
    /// prefixes of a port than this become any address.
    package static let neighbourLimit = 16
    /// More names of hosts with the same kind, protocol and port than this become any address.
    package static let hostLimit = 64
    /// The most entries of one profile.
    package static let limit = 512
    /// What the window of a profile says where there were more.
    package static let partialReason =
        "more than \(limit) network peers were used: those that came last are not part of the profile"

    /// `peers` with neighbours as prefixes, at most `limit` of them, and whether there were more. Phases are kept apart:
    /// an exec session's peers never make the workload's into a prefix.
    package static func bounded(
        _ peers: [String: CallEvidence]
    ) -> (kept: [String: CallEvidence], isCut: Bool) {
        var phases: [String: [PeerName: PhaseEvidence]] = [:]
        for (text, evidence) in peers {
            guard let name = PeerName(text) else { continue }
            for (phase, use) in evidence.phases { phases[phase, default: [:]][name] = use }
        }
        var all: [String: CallEvidence] = [:]
        for (phase, uses) in phases {
            for (name, use) in generalised(uses) {
                all[name.text, default: CallEvidence(phases: [:], held: peers[name.text]?.held)].phases[phase] = use
            }
        }
        guard all.count > limit else { return (all, false) }
        // What was first stays, so that nothing that comes later can push out what is known; the workload's before others'.
        let order = all.sorted { precedes($0, $1) }.prefix(limit)
        return (Dictionary(uniqueKeysWithValues: order.map { ($0.key, $0.value) }), true)
    }

    /// `observation` with what `known` has a wider entry for under that entry's name: it is no news. An address that nobody
    /// asked for now, and that a name of `known` had, is under that name.
    static func under(
        _ known: [String: CallEvidence]?, _ addresses: [String: [String]]?, _ observation: [String: CallEvidence]
    ) -> [String: CallEvidence] {
        guard let known else { return observation }
        var hosts: [String: [String]] = [:]
        for (host, list) in addresses ?? [:] { for address in list { hosts[address, default: []].append(host) } }
        var renamed: [String: CallEvidence] = [:]
        for (text, evidence) in observation {
            for (phase, use) in evidence.phases {
                func isKnown(_ name: PeerName) -> Bool { known[name.text]?.phases[phase] != nil }
                let name = PeerName(text)
                let host = name.flatMap { (name) -> PeerName? in
                    guard name.canHaveHost, !isKnown(name), let address = name.address else { return nil }
                    return hosts[address.text]?.sorted().map { name.at(host: $0) }.first(where: isKnown)
                }
                let wider = name?.coverings.last(where: isKnown)?.text ?? host?.text ?? text
                let own = CallEvidence(phases: [phase: use])
                renamed[wider] = renamed[wider].map { ProfileMerge.unite($0, own) } ?? own
            }
        }
        // One observation is one run, whatever it folded.
        for text in renamed.keys { renamed[text]?.countOnce() }
        return renamed
    }

    private static func generalised(_ uses: [PeerName: PhaseEvidence]) -> [PeerName: PhaseEvidence] {
        // Twice: addresses to prefixes, prefixes to any.
        lifted(lifted(uses, isLow: true), isLow: false)
    }

    /// Addresses under their prefix (or, not `isLow`, prefixes and addresses under any) where that is an entry already or
    /// there are too many of them.
    private static func lifted(_ uses: [PeerName: PhaseEvidence], isLow: Bool) -> [PeerName: PhaseEvidence] {
        var narrow: [PeerName: Set<PeerName>] = [:]
        for name in uses.keys {
            for wider in name.coverings.dropFirst() where wider.isPrefix == isLow {
                narrow[wider, default: []].insert(name)
            }
        }
        var result = uses
        for (wider, names) in narrow {
            let counted = isLow ? names.count : names.filter(\.isPrefix).count
            let hosts = names.count { $0.host != nil }
            guard uses[wider] != nil || counted > neighbourLimit || hosts > hostLimit else { continue }
            for name in names {
                guard let use = result.removeValue(forKey: name) else { continue }
                result[wider] = result[wider].map { ProfileMerge.unite($0, use) } ?? use
            }
        }
        return result
    }

    private static func precedes(
        _ one: (key: String, value: CallEvidence), _ other: (key: String, value: CallEvidence)
    ) -> Bool {
        let (left, right) = (rank(one.value), rank(other.value))
        return left != right ? left < right : one.key < other.key
    }

    /// Smaller is kept first.
    private static func rank(_ evidence: CallEvidence) -> (Int, Double) {
        let own = evidence.phases[Phase.workload.name]
        let first = own?.first ?? evidence.phases.values.map(\.first).min()
        return (own == nil ? 1 : 0, first?.timeIntervalSinceReferenceDate ?? 0)
    }
}

extension PeerName {
    fileprivate var isPrefix: Bool { if case .prefix = place { true } else { false } }
}

extension CallEvidence {
    fileprivate mutating func countOnce() { for phase in phases.keys { phases[phase]?.runs = 1 } }
}
