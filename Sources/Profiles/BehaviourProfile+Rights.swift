// SPDX-License-Identifier: Apache-2.0
package import Events

extension BehaviourProfile {
    /// Capabilities that the workload used; nil where the kernel cannot tell (before Linux 6.14). A use is a check that said
    /// yes: some of them made no difference, see the README.
    package var usedCapabilities: CapabilitySet? {
        guard let capabilitiesUsed else { return nil }
        let own = capabilitiesUsed.filter { $0.value.phases[Phase.workload.name] != nil }.keys
        return CapabilitySet(names: own)
    }

    /// Capabilities that processes of the workload had in effect, whatever for; nil where nobody watched.
    package var heldCapabilities: CapabilitySet? {
        guard let credentials else { return nil }
        var held = CapabilitySet.none
        for (text, evidence) in credentials where evidence.phases[Phase.workload.name] != nil {
            if case .capabilities(let set)? = CredentialName(text)?.right { held.formUnion(set) }
        }
        return held
    }

    /// Marks what stands for several parents as such where there are more than a profile keeps: an executable that anything
    /// may start. Only what is new is folded, so that what is known stays.
    mutating func boundParents(against known: BehaviourProfile) {
        for (path, evidence) in executables {
            guard let parents = evidence.parents else { continue }
            let old = known.executables[path]?.parents ?? [:]
            let fresh = parents.keys.filter { old[$0] == nil }.sorted()
            let room = max(0, ParentEvidence.limit - old.count)
            guard fresh.count > room else { continue }
            let folded = Set(fresh.dropFirst(room))
            executables[path]?.parents = ParentEvidence.folded(parents) {
                folded.contains($0) ? Learner.otherExecutables : $0
            }
        }
    }
}
