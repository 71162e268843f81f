// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Profiles

extension SeccompGenerator {
    /// Takes in what the workload did.
    mutating func learn() {
        let native = SyscallTable.table(.native, on: profile.architecture)
        let nativeName = CallABI.native.name(on: profile.architecture)
        var opened: [String: [String]] = [:]
        for (abi, entries) in profile.calls.sorted(by: { $0.key < $1.key }) {
            for (call, whole) in entries.sorted(by: { $0.key < $1.key }) {
                guard let evidence = inSpan(whole) else { continue }
                let uses = learnedPhases.compactMap { evidence.phases[$0.name] }
                guard var workload = uses.first else { continue }
                for use in uses.dropFirst() { workload.executables.merge(use.executables, uniquingKeysWith: &+) }
                learn(call, abi: abi, evidence: evidence, workload: workload)
                if abi != nativeName, calls[call] != nil, native.number(call) != nil,
                    profile.calls[nativeName]?[call]?.phases[Phase.workload.name] == nil
                {
                    opened[abi, default: []].append(call)
                }
            }
        }
        for (abi, names) in opened.sorted(by: { $0.key < $1.key }) {
            notes.append(
                "seen in \(abi) alone, but one name list opens them in \(nativeName) too: \(names.joined(separator: ", "))"
            )
        }
    }

    /// The phases whose calls are learned.
    var learnedPhases: [Phase] { options.includesSessions ? [.workload, .sessionWorkload] : [.workload] }

    /// Sessions run under the container's filter too, so what only they did has to be said; not under a program's own.
    mutating func noteSessions() {
        guard !options.includesSessions, options.span == .whole else { return }
        let left = profile.calls.values.joined().filter { call, evidence in
            evidence.phases[Phase.sessionWorkload.name] != nil && calls[call] == nil && leftOut[call] == nil
        }
        guard !left.isEmpty else { return }
        let names = Set(left.map(\.key)).sorted()
        notes.append(
            "left out, because only exec sessions made them: \(names.joined(separator: ", ")); "
                + "--with-exec allows them")
    }

    /// Health checks run under the container's filter too: what they call is allowed, and named as theirs.
    mutating func learnProbes() {
        for probe in profile.knownProbes {
            for (abi, names) in probe.calls.sorted(by: { $0.key < $1.key }) {
                for name in names {
                    let session = Phase.sessionWorkload.name
                    guard let evidence = profile.calls[abi]?[name], let use = evidence.phases[session] else { continue }
                    learn(
                        name, abi: abi, evidence: evidence, workload: use, source: "probe: \(probe.name)",
                        phases: [.sessionWorkload])
                }
            }
        }
    }

    private mutating func learn(
        _ call: String, abi: String, evidence: CallEvidence, workload: PhaseEvidence, source: String = "learned",
        phases: [Phase]? = nil
    ) {
        guard !removed.contains(call) else {
            notes.append("\(call) was removed by decision; it stays refused")
            return
        }
        let tier = NeverAllow.tier(of: call)
        if evidence.held != nil || (tier ?? .notable) < .notable {
            guard let reason = accepts[call] else {
                var entry =
                    leftOut[call]
                    ?? GeneratedProfile.LeftOut(
                        call: call, tier: tier ?? .justified,
                        reason: evidence.held ?? NeverAllow.reason(for: call) ?? "held for review", who: [])
                entry.who = Set(entry.who).union(workload.executables.keys).sorted()
                leftOut[call] = entry
                return
            }
            accepted[call] = reason
        }
        guard call != "clone3", CallCatalog.resolves(call) else {
            fallbacks[call] = CallLists.fallbacks[call] ?? []
            if call.hasPrefix("#") {
                notes.append("\(abi) call \(call) has no name; a profile cannot allow it")
            }
            return
        }
        if let base = options.base, !base.opens(call) {
            if let instead = CallLists.fallbacks[call] {
                fallbacks[call] = instead
            } else {
                outside[call] = Set(outside[call] ?? []).union(workload.executables.keys).sorted()
            }
            accepted[call] = nil
            return
        }
        allow(call, source, evidence: (abi, evidence, phases ?? learnedPhases))
    }
}
