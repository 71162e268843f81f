// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import FoundationEssentials
import Platform
import Profiles

/// Who executed what, as whom, and with which rights.
extension ProfileBuilder {
    /// Entries stay in the kernel's tables as long as their slot: those that were last used before its last epoch ended
    /// belong to that.
    func addExecutions(to profile: inout BehaviourProfile) {
        let since = Dictionary(slots.map { ($0.index, $0.epochNanoseconds) }) { one, _ in one }
        let clock = BootClock()
        if let edges = facts.edges {
            for path in profile.executables.keys { profile.executables[path]?.parents = [:] }
            for edge in edges {
                guard let begin = since[edge.slot], edge.lastNanoseconds >= begin, let child = subs[edge.child],
                    !child.isOther, let phase = profiled(edge.isSession ? .sessionWorkload : .workload)
                else { continue }
                let first = min(end, clock.date(ofNanoseconds: edge.firstNanoseconds))
                let parent = subs[edge.parent].map(name) ?? ExecutableName.unknown
                profile.add(parent, of: name(of: child), phase, first: first, start: start, end: end)
            }
            addUnknownParents(to: &profile)
        }
        if let credentials = facts.credentials {
            var all: [String: CallEvidence] = [:]
            for seen in credentials {
                guard let begin = since[seen.slot], seen.lastNanoseconds >= begin,
                    let phase = profiled(seen.isSession ? .sessionWorkload : .workload)
                else { continue }
                let first = min(end, clock.date(ofNanoseconds: seen.firstNanoseconds))
                let who = subs[seen.sub].map(name) ?? ExecutableName.unknown
                for right in CredentialName.all(of: seen) {
                    all[right.text, default: CallEvidence(phases: [:])].add(
                        phase, who, count: 0, first: first, last: end)
                }
            }
            profile.credentials = CredentialEntries.bounded(ofOneRun: all)
        }
        guard facts.watchesCapabilities else { return }
        var used: [String: CallEvidence] = [:]
        for slot in slots {
            for (phase, set) in [
                (Phase.workload, slot.capabilitiesUsed), (.sessionWorkload, slot.sessionCapabilitiesUsed),
            ] {
                guard let phase = profiled(phase) else { continue }
                // The kernel keeps that for the cgroup, and not for each executable.
                for name in set.names {
                    used[name, default: CallEvidence(phases: [:])]
                        .add(phase, ExecutableName.unknown, count: 0, first: start, last: end)
                }
            }
        }
        profile.capabilitiesUsed = used
    }

    /// Who executed what ran already when the recording began, or what found no place, is not known: it may be anybody.
    private func addUnknownParents(to profile: inout BehaviourProfile) {
        let unsure = Set(
            slots.filter { $0.has(RF_SLOT_LATE) || $0.has(RF_SLOT_NO_STORAGE) || $0.lostEdges > 0 }.map(\.index))
        for sub in subs.values where unsure.contains(sub.slot) && !sub.isOther {
            let path = name(of: sub)
            guard let evidence = profile.executables[path], evidence.parents?.isEmpty == true,
                evidence.phases.contains(Phase.workload.name)
            else { continue }
            profile.add(Learner.otherExecutables, of: path, .workload, first: start, start: start, end: end)
        }
    }
}

extension BehaviourProfile {
    /// Adds that one executable has executed another, which may have made no call that is known.
    fileprivate mutating func add(
        _ parent: String, of child: String, _ phase: Phase, first: Date, start: Date, end: Date
    ) {
        var evidence = executables[child] ?? ExecutableEvidence(first: start, last: end, phases: [])
        evidence.phases = Set(evidence.phases).union([phase.name]).sorted()
        let old = evidence.parents?[parent]
        evidence.parents = (evidence.parents ?? [:]).merging([
            parent: ParentEvidence(
                first: min(first, old?.first ?? first), last: end,
                phases: Set(old?.phases ?? []).union([phase.name]).sorted())
        ]) { $1 }
        executables[child] = evidence
    }
}
