// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Platform
package import Profiles

/// Makes a seccomp profile from a behaviour profile: allowed is what the workload did, what the runtime needs and what
/// every program needs, minus the never-allow list; the rest fails with ENOSYS, so that libraries fall back, and known
/// dangerous calls with EPERM. Pure: the same input gives the same profile.
package struct SeccompGenerator {
    private let profile: BehaviourProfile
    private let options: GeneratorOptions
    /// Items accepted by option or decision, with the reason.
    private var accepts: [String: String]
    private var removed: Set<String> = []
    private var calls: [String: GeneratedProfile.Call] = [:]
    private var leftOut: [String: GeneratedProfile.LeftOut] = [:]
    private var accepted: [String: String] = [:]
    private var fallbacks: [String: [String]] = [:]
    private var needs: Set<String> = []
    private var needsObserved = false
    private var notes: [String] = []
    private var architectures: [FilterArchitecture] = []

    /// The profile for what `profile` holds. Throws if an acceptance is for nothing on the list, or without a reason.
    package static func generate(
        _ profile: BehaviourProfile, options: GeneratorOptions = GeneratorOptions()
    ) throws(SeccompError) -> GeneratedProfile {
        for (item, reason) in options.accepts.sorted(by: { $0.key < $1.key }) {
            guard let tier = NeverAllow.tier(of: item), tier < .notable else {
                throw SeccompError(
                    .generate, HostileText.escaped(profile.key),
                    "\(HostileText.escaped(item)) is accepted, but is not on the never-allow list",
                    remedy: "accept a call of tier 0 or 1, socket:FAMILY or clone:FLAG")
            }
            guard reason.contains(where: { !$0.isWhitespace }) else {
                throw SeccompError(
                    .generate, HostileText.escaped(profile.key), "\(item) is accepted without a reason",
                    remedy: "write --accept \(item)=REASON")
            }
        }
        var generator = SeccompGenerator(profile, options)
        return generator.generate()
    }

    private init(_ profile: BehaviourProfile, _ options: GeneratorOptions) {
        self.profile = profile
        self.options = options
        accepts = [:]
        for decision in profile.decisions {
            let parts = decision.entry.split(separator: "/", maxSplits: 2)
            guard parts.count == 3, parts[0] == "calls" else { continue }
            let item = String(parts[2])
            switch decision.verdict {
            case .accept:
                accepts[item] = decision.reason
                removed.remove(item)
            case .hold:
                accepts[item] = nil
                removed.remove(item)
            case .remove:
                accepts[item] = nil
                removed.insert(item)
            }
        }
        accepts.merge(options.accepts) { $1 }
    }

    private mutating func generate() -> GeneratedProfile {
        chooseArchitectures()
        learn()
        learnProbes()
        let learned = calls.keys.sorted()
        noteSessions()
        addRuntimeNeeds()
        for call in AlwaysAllowed.calls { allow(call, "always", evidence: nil) }
        addFallbacks()
        let rules = rules()
        for item in options.accepts.keys.sorted() where accepted[item] == nil {
            notes.append("\(item) was accepted but never seen; it stays refused")
        }
        let oci = OCISeccompProfile(
            defaultAction: .errno, defaultErrnoRet: 38, architectures: architectures, syscalls: rules)
        let left = leftOut.values.sorted { ($0.tier, $0.call) < ($1.tier, $1.call) }
        let evidence = GeneratedProfile.Evidence(
            key: profile.key, architecture: profile.architecture.rawValue, environments: profile.environments,
            digests: profile.target.digests, runs: profile.window.runs, partial: profile.window.partial,
            libseccomp: CallCatalog.libraryVersion, calls: calls.values.sorted { $0.call < $1.call }, leftOut: left,
            accepted: accepted.map { .init(call: $0.key, reason: $0.value) }.sorted { $0.call < $1.call },
            fallbacks: fallbacks.map { .init(call: $0.key, instead: $0.value) }.sorted { $0.call < $1.call },
            notes: notes)
        return GeneratedProfile(
            oci: oci, evidence: evidence, learned: learned, runtimeNeeds: needs.sorted(),
            runtimeNeedsObserved: needsObserved, alwaysAllowed: AlwaysAllowed.calls.sorted(),
            flagged: learned.filter { NeverAllow.tier(of: $0) == .notable })
    }

    /// The native architecture, and each other one whose calls were seen in the workload.
    private mutating func chooseArchitectures() {
        for abi in CallABI.allCases {
            guard let architecture = FilterArchitecture(abi, on: profile.architecture) else { continue }
            let name = abi.name(on: profile.architecture)
            let seen =
                (profile.calls[name] ?? [:]).values
                .contains { evidence in learnedPhases.contains { evidence.phases[$0.name] != nil } }
                || profile.knownProbes.contains { $0.calls[name]?.isEmpty == false }
            if abi == .native || seen {
                architectures.append(architecture)
            } else if abi == .compat {
                notes.append("no \(abi.name(on: profile.architecture)) call was seen: such programs are killed")
            }
        }
    }

    private mutating func learn() {
        let native = SyscallTable.table(.native, on: profile.architecture)
        let nativeName = CallABI.native.name(on: profile.architecture)
        var opened: [String: [String]] = [:]
        for (abi, entries) in profile.calls.sorted(by: { $0.key < $1.key }) {
            for (call, evidence) in entries.sorted(by: { $0.key < $1.key }) {
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

    private var learnedPhases: [Phase] { options.includesSessions ? [.workload, .sessionWorkload] : [.workload] }

    /// Sessions run under the container's filter too, so what only they did has to be said.
    private mutating func noteSessions() {
        guard !options.includesSessions else { return }
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
    private mutating func learnProbes() {
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
        allow(call, source, evidence: (abi, evidence, phases ?? learnedPhases))
    }

    private mutating func addRuntimeNeeds() {
        guard options.runtimeNeeds == .include else { return }
        let phases: [Phase] = [.filteredSetup, .sessionFilteredSetup]
        let abi = CallABI.native.name(on: profile.architecture)
        let observed = (profile.calls[abi] ?? [:]).filter { _, evidence in
            phases.contains { evidence.phases[$0.name] != nil }
        }
        needsObserved = !observed.isEmpty
        for call in RuntimeNeeds.calls(for: options.target, observed: Set(observed.keys)).sorted() {
            guard let evidence = observed[call] else {
                needs.insert(call)
                allow(call, "runtime (list)", evidence: nil)
                continue
            }
            needs.insert(call)
            if (NeverAllow.tier(of: call) ?? .notable) < .notable, accepts[call] == nil {
                leftOut[call] = GeneratedProfile.LeftOut(
                    call: call, tier: NeverAllow.tier(of: call) ?? .justified,
                    reason: NeverAllow.reason(for: call) ?? "", who: ["the container runtime"])
                continue
            }
            if let reason = accepts[call], NeverAllow.tier(of: call) != nil { accepted[call] = reason }
            guard call != "clone3", CallCatalog.resolves(call) else {
                fallbacks[call] = CallLists.fallbacks[call] ?? []
                continue
            }
            allow(call, "runtime (observed)", evidence: (abi, evidence, phases))
        }
    }

    private mutating func addFallbacks() {
        for (call, instead) in fallbacks.sorted(by: { $0.key < $1.key }) {
            for other in instead { allow(other, "fallback of \(call)", evidence: nil) }
        }
    }

    private mutating func allow(_ name: String, _ source: String, evidence: (String, CallEvidence, [Phase])?) {
        guard !removed.contains(name) || source != "learned" else { return }
        var call = calls[name] ?? GeneratedProfile.Call(call: name, sources: [])
        call.sources = Set(call.sources + [source]).sorted()
        if let (abi, evidence, phases) = evidence {
            call.abis = Set(call.abis + [abi]).sorted()
            for phase in phases {
                guard let seen = evidence.phases[phase.name] else { continue }
                call.phases = Set(call.phases + [phase.name]).sorted()
                call.executables.merge(seen.executables) { $0.addingReportingOverflow($1).partialValue }
                call.runs = max(call.runs, seen.runs)
                call.first = min(call.first ?? seen.first, seen.first)
                call.last = max(call.last ?? seen.last, seen.last)
            }
        }
        calls[name] = call
    }
}

extension SeccompGenerator {
    /// The profile's rules: what is allowed, clone, socket, the EPERM group, the ENOSYS group.
    private mutating func rules() -> [OCISeccompProfile.Rule] {
        var plain = Set(calls.keys)
        var rules: [OCISeccompProfile.Rule] = []
        if plain.remove("clone") != nil { rules += cloneRules() }
        if plain.contains("socket"), options.arguments == .include {
            plain.remove("socket")
            rules += socketRules()
        }
        rules.insert(OCISeccompProfile.Rule(names: plain.sorted(), action: .allow), at: 0)
        let dangerous = NeverAllow.entries
            .filter { $0.tier < .notable && calls[$0.item] == nil && !needs.contains($0.item) }
            .map(\.item).filter { CallCatalog.resolves($0) }
        rules.append(OCISeccompProfile.Rule(names: dangerous.sorted(), action: .errno, errnoRet: 1))
        var rest = Set(architectures.flatMap { CallCatalog.names(on: $0) }).subtracting(calls.keys)
            .subtracting(dangerous)
        // A rule for i386's socketcall or ipc as a whole would undo the rules for the calls behind it.
        for (call, place) in MultiplexedCall.all where calls[call] != nil { rest.remove(place.gate) }
        rest.insert("clone3")
        rules.append(OCISeccompProfile.Rule(names: rest.sorted(), action: .errno, errnoRet: 38))
        return rules
    }

    private mutating func cloneRules() -> [OCISeccompProfile.Rule] {
        let seen = (values("clone.flags", in: learnedPhases)).reduce(0, |)
        let accepted = decide(NeverAllow.cloneFlags.filter { seen & $0.value != 0 }.map(\.key), of: "clone")
        return ArgumentRules.clone(accepting: accepted)
    }

    private mutating func socketRules() -> [OCISeccompProfile.Rule] {
        let probed = profile.knownProbes.contains { $0.calls.values.contains { $0.contains("socket") } }
        let seen = values(
            "socket.family",
            in: learnedPhases + [.filteredSetup, .sessionFilteredSetup] + (probed ? [.sessionWorkload] : []))
        let accepted = decide(NeverAllow.socketFamilies.filter { seen.contains($0.value) }.map(\.key), of: "socket")
        let hasGate = architectures.contains(.x86)
        if hasGate {
            notes.append("i386 socketcall passes its arguments by pointer: the family rule is not asked there")
        }
        let evidence = profile.arguments["socket.family"]
        let suffices = evidence.map(ArgumentRules.suffices) == true && !seen.isEmpty
        if suffices {
            notes.append("socket: only " + seen.sorted().map { SocketFamily.name(Int($0)) }.joined(separator: ", "))
        } else {
            notes.append(
                "socket: every family but the refused ones; a list of families needs 30 calls in 3 runs without a late one"
            )
        }
        return ArgumentRules.socket(
            families: suffices ? seen : nil, accepting: accepted, explainingRefusals: !hasGate)
    }

    private func values(_ argument: String, in phases: [Phase]) -> Set<UInt32> {
        Set(phases.flatMap { profile.arguments[argument]?.values[$0.name] ?? [] })
    }

    /// Which of the seen items of tier 1 are accepted; the others are left out and named.
    private mutating func decide(_ items: [String], of call: String) -> Set<String> {
        var result: Set<String> = []
        for item in items {
            if let reason = accepts[item] {
                accepted[item] = reason
                result.insert(item)
            } else {
                leftOut[item] = GeneratedProfile.LeftOut(
                    call: item, tier: NeverAllow.tier(of: item) ?? .justified,
                    reason: NeverAllow.reason(for: item) ?? "", who: calls[call]?.executables.keys.sorted() ?? [])
            }
        }
        return result
    }
}
