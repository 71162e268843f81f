// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Profiles

extension SeccompGenerator {
    /// What the runtime calls under the filter, whatever the base says.
    mutating func addRuntimeNeeds() {
        guard options.span == .whole else { return }
        // Without a runtime, too, the program is executed after the filter was loaded.
        guard options.runtimeNeeds == .include else { return allow("execve", "start (list)", evidence: nil) }
        let phases: [Phase] = [.filteredSetup, .sessionFilteredSetup]
        let abi = CallABI.native.name(on: profile.architecture)
        let observed = (profile.calls[abi] ?? [:]).filter { _, evidence in
            phases.contains { evidence.phases[$0.name] != nil }
        }
        needsObserved = !observed.isEmpty && !options.noNewPrivileges && options.target != .systemd
        let list = RuntimeNeeds.calls(
            for: target, observed: Set(observed.keys), noNewPrivileges: options.noNewPrivileges)
        for call in list.sorted() {
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

    /// What programs do instead of the calls that are answered with ENOSYS.
    mutating func addFallbacks() {
        for (call, instead) in fallbacks.sorted(by: { $0.key < $1.key }) {
            for other in instead where options.base?.opens(other) != false {
                allow(other, "fallback of \(call)", evidence: nil)
            }
        }
    }

    /// The target, made out where the recording tells it.
    private var target: RuntimeNeeds.Target {
        guard options.target == .auto else { return options.target }
        let seen = profile.calls.values.joined().contains { _, evidence in
            evidence.phases[Phase.filteredSetup.name] != nil || evidence.phases[Phase.sessionFilteredSetup.name] != nil
        }
        if seen, !options.noNewPrivileges { return .auto }
        let runtimes = Set(profile.environments.compactMap(\.runtime).map { $0.prefix { $0.isLetter } })
        return runtimes == ["runc"] ? .runc : runtimes == ["crun"] ? .crun : .any
    }

    /// Allows the families of what was learned: never a call of the never-allow list, nor one that the machine lacks.
    mutating func widen() {
        guard options.widens else { return }
        let learned = Set(calls.keys).union(fallbacks.keys)
        let tables = architectures.map { SyscallTable.table($0.abi, on: $0.machine) }
        for family in CallFamilies.all {
            let seen = family.calls.filter(learned.contains)
            guard !seen.isEmpty else { continue }
            let near = family.calls.filter { call in
                calls[call] == nil && call != "clone3" && NeverAllow.tier(of: call) == nil && !removed.contains(call)
                    && tables.contains { $0.number(call) != nil } && CallCatalog.resolves(call)
                    && options.base?.opens(call) != false
            }
            for call in near { allow(call, "near \(seen.joined(separator: ", ")): \(family.reason)", evidence: nil) }
            widened.formUnion(near)
        }
        guard !widened.isEmpty else { return }
        notes.append("widened by calls that nobody made: \(widened.sorted().joined(separator: ", "))")
    }
}
