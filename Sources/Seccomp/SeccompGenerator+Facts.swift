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
        guard options.span == .steady, steadyPart == nil else { return }
        guard profile.window.steady != true else {
            throw SeccompError(
                .generate, subject,
                "no program loaded a seccomp filter of its own while it was recorded: nothing came after its start",
                remedy: "record a run in which it loads one, or leave out --phase steady")
        }
        throw SeccompError(
            .generate, subject, "the behaviour profile does not tell the start from what comes after it",
            remedy:
                "record it anew while the program loads a filter of its own, or once it has started, or let the daemon "
                + "learn one instance over two epochs or more")
    }

    /// What tells the steady part of a program's life from its start.
    enum SteadyPart {
        /// It begins when the program loads a filter of its own: the recording has marked the calls.
        case underOwnFilter
        /// What was not used after a time belongs to the start.
        case since(Date)
    }

    /// Nil if it cannot be told. A recording that began late has nothing of the start; a learned profile tells apart by epochs,
    /// as long as nothing restarted.
    func findSteadyPart() -> SteadyPart? {
        if profile.window.partial.contains(ProfileWindow.lateReason) { return .since(.distantPast) }
        if profile.window.steady == true {
            let isMarked = profile.calls.values.joined().contains { _, evidence in
                learnedPhases.contains { evidence.phases[$0.name]?.steady != nil }
            }
            return isMarked ? .underOwnFilter : nil
        }
        guard let learning = profile.learning, learning.instances == 1 else { return nil }
        let since = profile.window.start.addingTimeInterval(Double(learning.epochSeconds) * 1.5)
        return profile.window.end > since ? .since(since) : nil
    }

    /// What of a call's evidence is of the part of the program's life that the profile is for; nil if nothing is.
    func inSpan(_ evidence: CallEvidence) -> CallEvidence? {
        switch steadyPart {
        case nil: return evidence
        case .since(let since)?:
            let isUsed = learnedPhases.contains { evidence.phases[$0.name].map { $0.last > since } == true }
            return isUsed ? evidence : nil
        case .underOwnFilter?:
            var narrow = evidence
            narrow.phases = evidence.phases.compactMapValues { phase in
                guard let steady = phase.steady else { return nil }
                var own = phase
                own.executables = phase.executables.filter { steady.contains($0.key) }
                return own
            }
            return narrow.phases.isEmpty ? nil : narrow
        }
    }

    /// Says whose filter tells the steady part, and what that leaves out.
    private mutating func noteOwnFilters() {
        guard case .underOwnFilter? = steadyPart else { return }
        func users(_ isMeant: (String) -> Bool) -> String {
            let users = profile.calls.values.joined().filter { isMeant($0.key) }.flatMap { _, evidence in
                learnedPhases.flatMap { evidence.phases[$0.name]?.steady ?? [] }
            }
            return Set(users).sorted().joined(separator: ", ")
        }
        notes.append("what was called once a filter of its own was loaded, by \(users { _ in true })")
        let executing = users { $0 == "execve" || $0 == "execveat" }
        if !executing.isEmpty {
            notes.append("programs that \(executing) executed then run under it too: what they call is not in it")
        }
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
            noteOwnFilters()
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
