// SPDX-License-Identifier: Apache-2.0
import Events

extension BehaviourProfile {
    /// What novelty is counted in: everything the workload did that is learned without a person's word, by its
    /// `ProfileEntry` name. Calls of the never-allow list are not among it: people decide about them, not statistics.
    package var items: Set<String> {
        let workload = Phase.workload.name
        var items: Set<String> = []
        for (abi, calls) in calls {
            for (name, evidence) in calls where evidence.phases[workload] != nil && Self.isLearned(name) {
                items.insert(ProfileEntry.call(name, abi: abi))
            }
        }
        for (name, evidence) in ioUring where evidence.phases[workload] != nil && Self.isLearned(name) {
            items.insert(ProfileEntry.ioUring(name))
        }
        for (text, evidence) in peers ?? [:] where evidence.phases[workload] != nil {
            guard let name = PeerName(text), !name.isEngineSocket else { continue }
            items.insert(ProfileEntry.peer(text))
        }
        for (name, evidence) in credentials ?? [:] where evidence.phases[workload] != nil {
            items.insert(ProfileEntry.credential(name))
        }
        for (path, evidence) in executables where evidence.phases.contains(workload) {
            items.insert(ProfileEntry.executable(path))
            for (parent, edge) in evidence.parents ?? [:] where edge.phases.contains(workload) {
                items.insert(ProfileEntry.parent(parent, of: path))
            }
        }
        for (name, evidence) in arguments {
            for value in evidence.values[workload] ?? [] {
                items.insert(ProfileEntry.argument(name, value: value))
            }
        }
        return items
    }

    private static func isLearned(_ name: String) -> Bool { (NeverAllow.tier(of: name) ?? .notable) >= .notable }
}
