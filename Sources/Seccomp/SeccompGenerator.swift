// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Platform
package import Profiles

/// Makes a seccomp profile from a behaviour profile: allowed is what the workload did (with what is near it, if asked for), as
/// far as the base goes, what the runtime needs and what every program needs, minus the never-allow list; the rest fails
/// with ENOSYS, so that libraries fall back, and known dangerous calls with EPERM. Pure: the same input gives the same
/// profile.
package struct SeccompGenerator {
    let profile: BehaviourProfile
    let options: GeneratorOptions
    /// Items accepted by option or decision, with the reason.
    var accepts: [String: String]
    var removed: Set<String> = []
    var calls: [String: GeneratedProfile.Call] = [:]
    var leftOut: [String: GeneratedProfile.LeftOut] = [:]
    var accepted: [String: String] = [:]
    var fallbacks: [String: [String]] = [:]
    var needs: Set<String> = []
    var needsObserved = false
    var notes: [String] = []
    var architectures: [FilterArchitecture] = []
    /// What tells the steady part, for a profile of that; nil for one of the whole.
    private(set) var steadyPart: SteadyPart?
    /// What was learned and the base denies, with who made it.
    var outside: [String: [String]] = [:]
    /// Calls that are allowed for nothing but being near a learned one.
    var widened: Set<String> = []

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
        try generator.checkFacts()
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
        if options.span == .steady { steadyPart = findSteadyPart() }
    }

    mutating func generate() -> GeneratedProfile {
        chooseArchitectures()
        learn()
        learnProbes()
        let learned = calls.keys.sorted()
        widen()
        noteSessions()
        addRuntimeNeeds()
        for call in AlwaysAllowed.calls { allow(call, "always", evidence: nil) }
        addFallbacks()
        noteOptions()
        let rules = rules()
        for item in options.accepts.keys.sorted() where accepted[item] == nil && outside[item] == nil {
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
            notes: notes, base: baseReport)
        return GeneratedProfile(
            oci: oci, noNewPrivileges: options.noNewPrivileges, evidence: evidence, learned: learned,
            widened: widened.sorted(), runtimeNeeds: needs.sorted(),
            runtimeNeedsObserved: needsObserved, alwaysAllowed: AlwaysAllowed.calls.sorted(),
            flagged: learned.filter { NeverAllow.tier(of: $0) == .notable })
    }

    /// The native architecture, and each other one whose calls were seen in the workload.
    mutating func chooseArchitectures() {
        for abi in CallABI.allCases {
            guard let architecture = FilterArchitecture(abi, on: profile.architecture) else { continue }
            let name = abi.name(on: profile.architecture)
            let seen =
                (profile.calls[name] ?? [:]).values
                .contains { evidence in learnedPhases.contains { inSpan(evidence)?.phases[$0.name] != nil } }
                || profile.knownProbes.contains { $0.calls[name]?.isEmpty == false }
            if abi == .native || seen {
                architectures.append(architecture)
            } else if abi == .compat {
                notes.append("no \(abi.name(on: profile.architecture)) call was seen: such programs are killed")
            }
        }
    }

    mutating func allow(_ name: String, _ source: String, evidence: (String, CallEvidence, [Phase])?) {
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
