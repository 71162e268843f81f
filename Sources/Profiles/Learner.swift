// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
import Platform

/// Learns a profile epoch by epoch. Pure: what time it is and what was seen come from outside.
package enum Learner {
    /// An image that the profile had not been learned from appeared.
    package struct ImageChange: Equatable, Sendable {
        /// The instance it was seen in.
        package let instance: String
        /// The new digests, sorted.
        package let digests: [String]
        /// True if the profile was inherited without being learned from them; false if it still learns, also from them.
        package let isProvisional: Bool
        /// What this epoch of the new image did that the profile did not have.
        package let additions: ProfileAdditions
    }

    /// What came of one epoch.
    package struct Outcome: Equatable, Sendable {
        /// What the profile did not have: added if `widened`, else only told.
        package let additions: ProfileAdditions
        /// Whether the profile took part; false while monitoring, and when locked.
        package let widened: Bool
        /// The new state, if it changed.
        package let newState: ProfileLearning.State?
        /// Set at the first epoch with a new image digest.
        package let imageChange: ImageChange?
        /// Sessions that became known as probes, by name.
        package let newProbes: [String]
    }

    /// The most executables that one profile keeps by name; those beyond are "(other)".
    package static let executableLimit = 2048
    /// The most probes and candidates that one profile keeps; of the candidates the last in the list goes first.
    package static let probeLimit = 64
    /// What stands for executables beyond the limit.
    package static let otherExecutables = "(other)"

    /// An empty profile of what `observation` is of, in `learning` since `now`. It has no runs yet: give it to `observe`.
    package static func begin(
        like observation: BehaviourProfile, rule: LearningRule, now: Date
    ) -> BehaviourProfile {
        var window = ProfileWindow(start: now, end: now, runs: 0, instances: 0, counted: observation.window.counted)
        window.start = min(now, observation.window.start)
        var profile = BehaviourProfile(
            key: observation.key, architecture: observation.architecture, target: observation.target,
            environments: observation.environments, window: window)
        profile.learning = ProfileLearning(start: now, rule: rule)
        return profile
    }

    /// Takes one epoch of one instance into `profile`, if it is open to that.
    ///
    /// `observation` is what the instance did in the epoch and nothing else, as one run. Its entries are merged, so the
    /// `runs` of an entry is the number of epochs it was seen in; never-allow calls are held, removed entries stay out. A
    /// profile that is locked or monitoring keeps its entries, and only counts the epoch. One without `learning` begins.
    ///
    /// - Throws: when the observation is of another key or architecture; the profile is then as it was.
    package static func observe(
        _ observation: BehaviourProfile, epoch: LearningEpoch, into profile: inout BehaviourProfile,
        rule: LearningRule, now: Date
    ) throws(ProfileError) -> Outcome {
        var seen = bounded(observation, to: profile)
        seen.peers = seen.peers.map { PeerEntries.under(profile.peers, profile.addresses, $0) }
        seen.credentials = seen.credentials.map { CredentialEntries.under(profile.credentials, $0) }
        seen.boundParents(against: profile)
        seen.learning = nil
        seen.probes = nil
        seen.window.runs = 1
        seen.window.instances = epoch.startsInstance ? 1 : 0
        var learning = profile.learning ?? ProfileLearning(start: now, rule: rule)
        let isFirst = learning.epochs == 0 && profile.calls.isEmpty && profile.executables.isEmpty
        let fresh = newDigests(of: seen, in: profile, learning)
        if isFirst { profile.window.runs = 0 }
        let (merged, additions) = try ProfileMerge.merge(seen, into: profile)
        if epoch.startsInstance { learning.instances = learning.instances.saturatingSum(1) }

        guard learning.isOpen else {
            learning.monitored = learning.monitored.saturatingSum(1)
            learning.provisional = Set(learning.provisional).union(fresh).sorted()
            profile.learning = learning
            if isFirst { profile.window.runs = max(1, profile.window.runs) }
            return Outcome(
                additions: additions, widened: false, newState: nil,
                imageChange: change(fresh, isProvisional: true, additions, epoch), newProbes: [])
        }
        count(seen, epoch, against: profile, in: &learning)
        let known = Set(profile.knownProbes.map(\.name))
        let candidates = probes(of: epoch, in: seen)
        profile = merged
        profile.probes = limited(ProfileProbe.unite(profile.probes, candidates))
        let state = nextState(learning, rule, now)
        let changed = state != learning.state ? state : nil
        learning.state = state
        profile.learning = learning
        profile.dropRemoved()
        profile.boundPeers()
        profile.boundCredentials()
        return Outcome(
            additions: additions, widened: true, newState: changed,
            imageChange: change(fresh, isProvisional: false, additions, epoch),
            newProbes: profile.knownProbes.map(\.name).filter { !known.contains($0) })
    }

    /// Counts one epoch: which of its items are new, and which are no longer alone.
    private static func count(
        _ seen: BehaviourProfile, _ epoch: LearningEpoch, against profile: BehaviourProfile,
        in learning: inout ProfileLearning
    ) {
        let items = seen.items
        for item in items { learning.singletons[item] = nil }
        guard epoch.isComplete else { return }
        guard learning.warmUpLeft == 0 else {
            learning.warmUpLeft -= 1
            return
        }
        learning.epochs = learning.epochs.saturatingSum(1)
        let decided = profile.verdicts
        for item in items.subtracting(profile.items) where decided[item] == nil || decided[item] == .accept {
            learning.singletons[item] = learning.epochs
        }
    }

    private static func nextState(
        _ learning: ProfileLearning, _ rule: LearningRule, _ now: Date
    ) -> ProfileLearning.State {
        guard Readiness(learning, share: rule.share, now: now).isReady else { return .learning }
        return rule.mode == .automatic ? .monitoring : .ready
    }

    private static func newDigests(
        of seen: BehaviourProfile, in profile: BehaviourProfile, _ learning: ProfileLearning
    ) -> [String] {
        guard !profile.target.digests.isEmpty else { return [] }
        return Set(seen.target.digests).subtracting(profile.target.digests).subtracting(learning.provisional).sorted()
    }

    private static func change(
        _ digests: [String], isProvisional: Bool, _ additions: ProfileAdditions, _ epoch: LearningEpoch
    ) -> ImageChange? {
        digests.isEmpty
            ? nil
            : ImageChange(
                instance: epoch.instance, digests: digests, isProvisional: isProvisional, additions: additions)
    }

    /// The epoch's sessions as candidates. The kernel keeps facts by executable, not by session: what an executable
    /// called counts for a session only if no other kind of session of this epoch ran it too.
    private static func probes(of epoch: LearningEpoch, in seen: BehaviourProfile) -> [ProfileProbe] {
        var kinds: [[String]: ProfileProbe] = [:]
        for session in epoch.sessions {
            let probe = ProfileProbe(
                executable: session.executable, arguments: session.arguments,
                executables: session.executables.sorted())
            let key = [session.executable] + session.arguments
            kinds[key] =
                kinds[key].map { old in
                    var both = old.united(with: probe)
                    both.epochs = 1
                    return both
                }
                ?? probe
        }
        return kinds.map { key, probe in
            let others = kinds.filter { $0.key != key }.values.flatMap(\.executables)
            var own = probe
            own.calls = seen.sessionCalls(of: Set(probe.executables).subtracting(others))
            return own
        }
    }

    private static func limited(_ probes: [ProfileProbe]?) -> [ProfileProbe]? {
        guard let probes, probes.count > probeLimit else { return probes }
        let known = probes.filter(\.isKnown).prefix(probeLimit)
        let candidates = probes.filter { !$0.isKnown }.prefix(probeLimit - known.count)
        return (known + candidates).sorted(by: ProfileProbe.precedes)
    }

    /// `observation` with the executables folded that would be more than a profile keeps: a container that runs ever new
    /// files must not grow its profile without end.
    private static func bounded(_ observation: BehaviourProfile, to profile: BehaviourProfile) -> BehaviourProfile {
        let fresh = observation.executables.keys.filter { profile.executables[$0] == nil }.sorted()
        let room = max(0, executableLimit - profile.executables.count)
        guard fresh.count > room else { return observation }
        let folded = Set(fresh.dropFirst(room)).subtracting([otherExecutables])
        func fold(_ executables: [String: UInt64]) -> [String: UInt64] {
            Dictionary(
                executables.map { (folded.contains($0) ? otherExecutables : $0, $1) },
                uniquingKeysWith: { $0.saturatingSum($1) })
        }
        func fold(_ evidence: CallEvidence) -> CallEvidence {
            var result = evidence
            for (phase, use) in evidence.phases { result.phases[phase]?.executables = fold(use.executables) }
            return result
        }
        var bounded = observation
        bounded.calls = observation.calls.mapValues { $0.mapValues(fold) }
        bounded.ioUring = observation.ioUring.mapValues(fold)
        bounded.peers = observation.peers?.mapValues(fold)
        bounded.executables = Dictionary(
            observation.executables.map { (folded.contains($0) ? otherExecutables : $0, $1) },
            uniquingKeysWith: ProfileMerge.unite)
        for (name, evidence) in bounded.executables {
            if name == otherExecutables { bounded.executables[name]?.runs = 1 }
            bounded.executables[name]?.parents = evidence.parents.map { parents in
                ParentEvidence.folded(parents) { folded.contains($0) ? otherExecutables : $0 }
            }
        }
        bounded.credentials = observation.credentials?.mapValues(fold)
        bounded.capabilitiesUsed = observation.capabilitiesUsed?.mapValues(fold)
        for (abi, calls) in observation.denied {
            for (name, evidence) in calls { bounded.denied[abi]?[name]?.executables = fold(evidence.executables) }
        }
        return bounded
    }
}
