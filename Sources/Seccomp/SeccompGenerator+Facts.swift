// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import FoundationEssentials
internal import Platform
internal import Profiles

/// What the options ask of the behaviour profile, and what is said about them.
extension SeccompGenerator {
    /// Throws if the behaviour profile lacks facts that the options need.
    func checkFacts() throws(SeccompError) {
        let subject = HostileText.escaped(profile.key)
        for rule in options.argumentRules.sorted()
        where rule.needsFacts && profile.arguments[rule.fact] == nil
            && profile.calls.values.contains(where: { $0[rule.rawValue] != nil })
        {
            throw SeccompError(
                .generate, subject,
                "a rule on \(rule.rawValue)'s argument needs its recorded values (\(rule.fact)), and the behaviour profile "
                    + "has none: recordings keep them, the daemon does not",
                remedy: "record it with ringfence record, or leave \(rule.rawValue) out of the argument rules")
        }
        guard options.span == .steady, steadySince == nil else { return }
        throw SeccompError(
            .generate, subject, "the behaviour profile does not tell the start from what comes after it",
            remedy:
                "record a container that has started already, or let the daemon learn one instance over two epochs or more"
        )
    }

    /// When the steady part began: what was not used after that belongs to the start. Nil if it cannot be told. A recording
    /// that began late has nothing of the start; a learned profile tells apart by epochs, as long as nothing restarted.
    private var steadySince: Date? {
        if profile.window.partial.contains(ProfileWindow.lateReason) { return .distantPast }
        guard let learning = profile.learning, learning.instances == 1 else { return nil }
        let since = profile.window.start.addingTimeInterval(Double(learning.epochSeconds) * 1.5)
        return profile.window.end > since ? since : nil
    }

    /// Whether a call was used in the part of the program's life that the profile is for.
    func isInSpan(_ evidence: CallEvidence) -> Bool {
        guard options.span == .steady, let since = steadySince else { return true }
        return learnedPhases.contains { evidence.phases[$0.name].map { $0.last > since } == true }
    }

    /// Says what holds only under a condition.
    mutating func noteOptions() {
        if options.noNewPrivileges, options.span == .whole, !needs.isEmpty {
            notes.append(
                "starts only with no_new_privs (the runtime then loads the filter last); crun exec needs --no-new-privs"
            )
        }
        if options.span == .steady {
            notes.append("for a program that loads it after its start: no container starts under it")
        }
        for call in outside.keys.sorted() where accepts[call] != nil {
            let base = options.base?.name ?? "the base"
            notes.append("\(call) was accepted, but \(base) denies it; --cap-add changes the base")
        }
    }

    /// What the base denies of the learned, and what of it the profile does not need.
    var baseReport: GeneratedProfile.BaseReport? {
        guard let base = options.base else { return nil }
        let open = base.calls(on: profile.architecture)
        return GeneratedProfile.BaseReport(
            name: base.name, allowed: open.count, superfluous: open.filter { calls[$0] == nil },
            outside: outside.map { .init(call: $0.key, who: $0.value) }.sorted { $0.call < $1.call })
    }
}
