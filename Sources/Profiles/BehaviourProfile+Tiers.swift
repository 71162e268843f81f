// SPDX-License-Identifier: Apache-2.0
import Events

extension BehaviourProfile {
    /// What of tiers 0 and 1 of the never-allow list its workload has made, held or accepted: calls, operations of io_uring,
    /// socket families and clone flags; each once, by tier, then name. What only a container's set-up did is not among them:
    /// mounting is a runtime's trade.
    package var graveCalls: [(name: String, tier: NeverAllow.Tier)] {
        let phases = [Phase.workload.name, Phase.sessionWorkload.name]
        var names = Set(
            (calls.values.flatMap { $0 } + Array(ioUring)).lazy
                .filter { $0.value.phases.keys.contains(where: phases.contains) }.map(\.key))
        func values(_ argument: String) -> [UInt32] { phases.flatMap { arguments[argument]?.values[$0] ?? [] } }
        let families = Set(values("socket.family"))
        names.formUnion(NeverAllow.socketFamilies.filter { families.contains($0.value) }.keys)
        let flags = values("clone.flags").reduce(0, |)
        names.formUnion(NeverAllow.cloneFlags.filter { flags & $0.value != 0 }.keys)
        return names.compactMap { name in NeverAllow.tier(of: name).map { (name, $0) } }
            .filter { $0.1 < .notable }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map { (name: $0.0, tier: $0.1) }
    }
}
