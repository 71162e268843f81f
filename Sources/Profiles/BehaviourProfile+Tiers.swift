// SPDX-License-Identifier: Apache-2.0
import Events

extension BehaviourProfile {
    /// Calls of tier 0 and 1 of the never-allow list, and operations of io_uring likewise, that its workload has made, held
    /// or accepted; each once, by tier, then name. What only a container's set-up did is not among them: mounting is a
    /// runtime's trade.
    package var graveCalls: [(name: String, tier: NeverAllow.Tier)] {
        var tiers: [String: NeverAllow.Tier] = [:]
        for (name, evidence) in calls.values.flatMap({ $0 }) + Array(ioUring) {
            guard let tier = NeverAllow.tier(of: name), tier < .notable,
                evidence.phases.keys.contains(where: { $0 == Phase.workload.name || $0 == Phase.sessionWorkload.name })
            else { continue }
            tiers[name] = tier
        }
        return tiers.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { ($0.key, $0.value) }
    }
}
