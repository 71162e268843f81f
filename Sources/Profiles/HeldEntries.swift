// SPDX-License-Identifier: Apache-2.0
import Events

/// Entries that were seen, but count as learned only when a person has accepted them.
package enum HeldEntries {
    /// Sets `held` of each call of tier 0 or 1 of the never-allow list that a workload made and nobody has accepted, and
    /// clears it everywhere else; and of what a
    /// person holds. What only a container's set-up did is never held: mounting is a runtime's trade.
    package static func mark(_ profile: inout BehaviourProfile) {
        let verdicts = profile.verdicts
        for (abi, calls) in profile.calls {
            for (name, evidence) in calls {
                profile.calls[abi]?[name]?.held = reason(
                    name, evidence, verdicts[ProfileEntry.call(name, abi: abi)])
            }
        }
        for (name, evidence) in profile.ioUring {
            profile.ioUring[name]?.held = reason(name, evidence, verdicts[ProfileEntry.ioUring(name)])
        }
        for (text, evidence) in profile.peers ?? [:] {
            profile.peers?[text]?.held = reason(ofPeer: text, evidence, verdicts)
        }
        for name in (profile.credentials ?? [:]).keys {
            let isHeld = verdicts[ProfileEntry.credential(name)] == .hold
            profile.credentials?[name]?.held = isHeld ? "held by a person's decision" : nil
        }
    }

    private static func reason(
        _ name: String, _ evidence: CallEvidence, _ verdict: ProfileDecision.Verdict?
    ) -> String? {
        switch verdict {
        case .accept: return nil
        case .hold: return NeverAllow.reason(for: name) ?? "held by a person's decision"
        case .remove, nil: break
        }
        switch NeverAllow.tier(of: name) {
        case .never, .justified: break
        case .notable, nil: return nil
        }
        guard evidence.phases.keys.contains(where: isWorkload) else { return nil }
        return NeverAllow.reason(for: name) ?? "on the never-allow list"
    }

    /// An engine's socket is like a call of tier 1: nobody learns it in silence.
    private static func reason(
        ofPeer text: String, _ evidence: CallEvidence, _ verdicts: [String: ProfileDecision.Verdict]
    ) -> String? {
        guard let name = PeerName(text) else { return nil }
        switch name.verdict(in: verdicts) {
        case .accept: return nil
        case .hold: return name.remark ?? "held by a person's decision"
        case .remove, nil: break
        }
        return name.isEngineSocket && evidence.phases[Phase.workload.name] != nil ? name.remark : nil
    }

    private static func isWorkload(_ phase: String) -> Bool {
        phase == Phase.workload.name || phase == Phase.sessionWorkload.name
    }
}
