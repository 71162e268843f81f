// SPDX-License-Identifier: Apache-2.0
import Events

/// The names under which decisions speak of entries.
package enum ProfileEntry {
    /// How people write one, for messages.
    package static let forms =
        "calls/ABI/NAME, ioUring/NAME, peers/NAME, executables/PATH, 'parents/PATH <- PARENT' or credentials/NAME"

    /// `calls/x86_64/ptrace`
    package static func call(_ name: String, abi: String) -> String { "calls/\(abi)/\(name)" }

    /// `ioUring/IORING_OP_READ`
    package static func ioUring(_ operation: String) -> String { "ioUring/\(operation)" }

    /// `peers/connect/tcp/203.0.113.7:443`, by the text of a `PeerName`.
    package static func peer(_ name: String) -> String { "peers/\(name)" }

    /// `executables//usr/bin/sh`
    package static func executable(_ path: String) -> String { "executables/\(path)" }

    /// `parents//usr/bin/sh <- /usr/sbin/nginx`: that the second has executed the first.
    package static func parent(_ parent: String, of child: String) -> String {
        "parents/\(pair(child, parent))"
    }

    /// `/usr/bin/sh <- /usr/sbin/nginx`
    package static func pair(_ child: String, _ parent: String) -> String { "\(child)\(parentMark)\(parent)" }

    /// Between an executable and who executed it. Hostile paths can have it in them: allowing one such pair may allow another
    /// of the same text, whose executables are strangers too.
    static let parentMark = " <- "

    /// `credentials/uid/0`, `credentials/session/uid/0`, by the text of a `CredentialName`.
    package static func credential(_ name: String) -> String { "credentials/\(name)" }

    /// `capabilitiesUsed/CAP_CHOWN`: for comparing profiles; no decision is about it.
    package static func used(_ capability: String) -> String { "capabilitiesUsed/\(capability)" }

    /// `arguments/socket.family/2`: for counting novelties; no decision is about it.
    package static func argument(_ name: String, value: UInt32) -> String { "arguments/\(name)/\(value)" }
}

extension PeerName {
    /// What people decided about it: the decision about the narrowest of the entries that stand for it.
    func verdict(in verdicts: [String: ProfileDecision.Verdict]) -> ProfileDecision.Verdict? {
        coverings.lazy.compactMap { verdicts[ProfileEntry.peer($0.text)] }.first
    }
}

extension BehaviourProfile {
    /// What people decided last about each entry that they decided about.
    package var verdicts: [String: ProfileDecision.Verdict] {
        decisions.reduce(into: [:]) { $0[$1.entry] = $1.verdict }
    }

    /// Takes out the entries whose last decision is to remove them.
    mutating func dropRemoved() {
        let verdicts = verdicts
        guard verdicts.values.contains(.remove) else { return }
        calls = calls.reduce(into: [:]) { kept, abi in
            let rest = abi.value.filter { verdicts[ProfileEntry.call($0.key, abi: abi.key)] != .remove }
            if !rest.isEmpty { kept[abi.key] = rest }
        }
        ioUring = ioUring.filter { verdicts[ProfileEntry.ioUring($0.key)] != .remove }
        executables = executables.filter { verdicts[ProfileEntry.executable($0.key)] != .remove }
        for (path, evidence) in executables {
            executables[path]?.parents = evidence.parents?.filter { parent, _ in
                verdicts[ProfileEntry.parent(parent, of: path)] != .remove
                    && verdicts[ProfileEntry.executable(parent)] != .remove
            }
        }
        dropRemovedCredentials(verdicts)
        peers = peers?.filter { PeerName($0.key)?.verdict(in: verdicts) != .remove }
        addresses = HostAddresses.kept(addresses, for: peers)
        dropFromProbes { verdicts[$0] == .remove }
        if let learning { self.learning?.singletons = learning.singletons.filter { verdicts[$0.key] != .remove } }
    }

    /// A right that is removed is so in every phase, one of exec sessions in theirs.
    private mutating func dropRemovedCredentials(_ verdicts: [String: ProfileDecision.Verdict]) {
        let rights = CredentialMatcher(
            isOpen: false, allowed: (credentials ?? [:]).keys.map(ProfileEntry.credential),
            refused: verdicts.filter { $0.value == .remove }.keys)
        credentials = credentials?.reduce(into: [:]) { kept, entry in
            guard let name = CredentialName(entry.key) else { return kept[entry.key] = entry.value }
            var evidence = entry.value
            if !rights.allows(name.ofSession) { evidence.phases[Phase.sessionWorkload.name] = nil }
            if rights.allows(name), !evidence.phases.isEmpty { kept[entry.key] = evidence }
        }
    }

    /// Brings the users within their bounds.
    mutating func boundCredentials() {
        guard let all = credentials else { return }
        let kept = CredentialEntries.bounded(
            all, refused: Set(verdicts.filter { $0.value == .remove }.keys))
        credentials = kept
        // What became any user is no longer the novelty of one epoch.
        guard let learning else { return }
        self.learning?.singletons = learning.singletons.filter { item, _ in
            !item.hasPrefix("credentials/") || kept[String(item.dropFirst("credentials/".count))] != nil
        }
    }

    /// Brings the peers within their bounds. The window says if some were left out.
    mutating func boundPeers() {
        guard let all = peers else { return }
        let (kept, isCut) = PeerEntries.bounded(all)
        peers = kept
        addresses = HostAddresses.kept(addresses, for: kept)
        if isCut { window.partial = Set(window.partial).union([PeerEntries.partialReason]).sorted() }
        // What became part of a wider entry is no longer the novelty of one epoch.
        guard let learning else { return }
        self.learning?.singletons = learning.singletons.filter { item, _ in
            !item.hasPrefix("peers/") || kept[String(item.dropFirst("peers/".count))] != nil
        }
    }

    private mutating func dropFromProbes(_ isDropped: (String) -> Bool) {
        probes = probes?.map { probe in
            var rest = probe
            rest.calls = probe.calls.reduce(into: [:]) { kept, abi in
                let names = abi.value.filter { !isDropped(ProfileEntry.call($0, abi: abi.key)) }
                if !names.isEmpty { kept[abi.key] = names }
            }
            return rest
        }
    }
}
