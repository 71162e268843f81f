// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

/// What people decide about profiles. Pure: every verb gives a new profile, the caller stores it.
package enum Review {
    /// Who decides, why and when. Author and reason are escaped where they enter; a reason is required.
    package struct Decider: Equatable, Sendable {
        package let author: String
        package let reason: String
        package let date: Date

        /// A decision by `author`.
        package init(author: String, reason: String, date: Date) {
            self.author = author
            self.reason = reason
            self.date = date
        }

        func vouch(source: String? = nil) -> ProfileLearning.Vouch {
            ProfileLearning.Vouch(author: author, reason: reason, date: date, source: source)
        }
    }

    /// The whole profile: it is compared from now on, also before it is ready, which `forced` then says; digests that
    /// inherited it are accepted. Calls that are held stay held: each needs `accept`.
    package static func approve(
        _ profile: BehaviourProfile, rule: LearningRule, by decider: Decider
    ) throws(ProfileError) -> BehaviourProfile {
        try check(decider, profile)
        var approved = profile
        var learning = profile.learning ?? ProfileLearning(start: profile.window.start, rule: rule)
        let isReady = Readiness(learning, share: rule.share, now: decider.date).isReady
        if learning.state != .monitoring {
            learning.forced = isReady ? nil : decider.vouch()
            learning.monitored = 0
        }
        learning.state = .monitoring
        approved.target.digests = Set(profile.target.digests).union(learning.provisional).sorted()
        learning.provisional = []
        approved.learning = learning
        return approved
    }

    /// Makes `entry` part of the profile although it is on the never-allow list, was held or removed before.
    package static func accept(
        _ entry: String, in profile: BehaviourProfile, by decider: Decider
    ) throws(ProfileError) -> BehaviourProfile {
        try decide(entry, .accept, in: profile, decider)
    }

    /// Holds `entry`: it stays visible, but is not part of the profile until somebody accepts it.
    package static func hold(
        _ entry: String, in profile: BehaviourProfile, by decider: Decider
    ) throws(ProfileError) -> BehaviourProfile {
        try decide(entry, .hold, in: profile, decider)
    }

    /// Takes `entry` out; it is remembered and never learned again.
    package static func reject(
        _ entry: String, in profile: BehaviourProfile, by decider: Decider
    ) throws(ProfileError) -> BehaviourProfile {
        try decide(entry, .remove, in: profile, decider)
    }

    /// Back to learning with a fresh window. Decisions, probes of the configuration and digests stay; entries go, unless
    /// they are kept. Throws for a locked profile.
    package static func relearn(
        _ profile: BehaviourProfile, rule: LearningRule, keepingEntries: Bool = false, by decider: Decider
    ) throws(ProfileError) -> BehaviourProfile {
        try check(decider, profile)
        guard profile.learning?.locked != true else {
            throw ProfileError(.review, profile.key, reason: "it is locked", remedy: "unlock it first")
        }
        var fresh = profile
        if !keepingEntries {
            fresh.calls = [:]
            fresh.ioUring = [:]
            fresh.peers = nil
            fresh.credentials = nil
            fresh.capabilitiesUsed = nil
            fresh.addresses = nil
            fresh.executables = [:]
            fresh.arguments = [:]
            fresh.denied = [:]
            fresh.target.digests = []
            fresh.window = ProfileWindow(
                start: decider.date, end: decider.date, instances: 0, counted: profile.window.counted)
            let configured = (profile.probes ?? []).filter(\.configured).map { probe in
                ProfileProbe(executable: probe.executable, arguments: probe.arguments, epochs: 0, configured: true)
            }
            fresh.probes = ProfileProbe.unite(nil, configured)
        }
        fresh.learning = ProfileLearning(start: decider.date, rule: rule)
        fresh.learning?.instances = profile.learning?.instances ?? 0
        fresh.learning?.taken = profile.learning?.taken
        return fresh
    }

    /// Locks the profile (nothing that is seen changes it) or unlocks it. One without a learning section is monitored.
    package static func lock(_ profile: BehaviourProfile, _ locked: Bool = true, now: Date) -> BehaviourProfile {
        var changed = profile
        var learning = profile.learning ?? ProfileLearning(state: .monitoring, start: now)
        learning.locked = locked
        changed.learning = learning
        return changed
    }

    /// The profile as a recording that another host can import: without the state of learning, the container's name and
    /// the accounting of events. Kernel and runtime stay, for they decide which calls a program makes; decisions stay.
    package static func export(_ profile: BehaviourProfile) -> BehaviourProfile {
        var recording = profile
        recording.learning = nil
        recording.probes = ProfileProbe.unite(nil, profile.knownProbes)
        if profile.target.kind != .command { recording.target.name = profile.key }
        recording.window.events = EventAccounting()
        return recording
    }

    /// A recording as the baseline of `key`, compared at once; who imported it from what is said in `imported`. Calls of
    /// the never-allow list that nobody accepted stay held.
    ///
    /// - Parameter source: the file, for people; escaped. The recording's own key is added.
    package static func importing(
        _ recording: BehaviourProfile, as key: String, from source: String, rule: LearningRule, by decider: Decider
    ) throws(ProfileError) -> BehaviourProfile {
        try check(decider, recording)
        guard !key.isEmpty else {
            throw ProfileError(
                .review, recording.key, reason: "no key is given", remedy: "name the profile that it is to be")
        }
        var baseline = recording
        baseline.key = key
        var learning = ProfileLearning(start: decider.date, rule: rule)
        learning.state = .monitoring
        learning.warmUpLeft = 0
        learning.imported = decider.vouch(source: "\(source) (\(recording.key))")
        baseline.learning = learning
        HeldEntries.mark(&baseline)
        return baseline
    }

    /// Both profiles under the first one's key.
    package static func merge(
        _ one: BehaviourProfile, _ other: BehaviourProfile
    ) throws(ProfileError) -> (merged: BehaviourProfile, additions: ProfileAdditions) {
        try ProfileMerge.merge(other, into: one, allowDifferentKey: true)
    }

    private static func decide(
        _ entry: String, _ verdict: ProfileDecision.Verdict, in profile: BehaviourProfile, _ decider: Decider
    ) throws(ProfileError) -> BehaviourProfile {
        try check(decider, profile)
        guard ProfileEntry.isValid(entry) else {
            throw ProfileError(
                .review, profile.key, reason: "\"\(entry)\" is not an entry of a profile",
                remedy: "write \(ProfileEntry.forms)")
        }
        var decided = profile
        // The last decision counts, and a merge sorts by date: a clock that was set back must not undo this one.
        let latest = profile.decisions.filter { $0.entry == entry }.map(\.date).max() ?? decider.date
        decided.decisions.append(
            ProfileDecision(
                entry: entry, verdict: verdict, reason: decider.reason, author: decider.author,
                date: max(latest, decider.date).wholeSecond))
        decided.dropRemoved()
        HeldEntries.mark(&decided)
        decided.learning?.singletons[entry] = nil
        return decided
    }

    private static func check(_ decider: Decider, _ profile: BehaviourProfile) throws(ProfileError) {
        guard !decider.author.isEmpty, decider.reason.contains(where: { !$0.isWhitespace }) else {
            throw ProfileError(
                .review, profile.key, reason: "a decision needs an author and a reason", remedy: "give a reason")
        }
    }
}
