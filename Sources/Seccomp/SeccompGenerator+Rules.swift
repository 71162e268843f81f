// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Profiles

extension SeccompGenerator {
    /// The profile's rules: what is allowed, clone, socket, the EPERM group, the ENOSYS group.
    mutating func rules() -> [OCISeccompProfile.Rule] {
        var plain = Set(calls.keys)
        var rules: [OCISeccompProfile.Rule] = []
        if plain.remove("clone") != nil { rules += cloneRules() }
        for rule in options.argumentRules.sorted() where plain.contains(rule.rawValue) {
            guard let made = argumentRules(rule) else { continue }
            plain.remove(rule.rawValue)
            rules += made
        }
        // Where the base asks for arguments, so does the profile; what the runtime needs is not asked.
        for call in plain.sorted() {
            guard let base = options.base, !base.opensFully(call), base.opens(call), !needs.contains(call),
                !AlwaysAllowed.calls.contains(call)
            else { continue }
            plain.remove(call)
            rules += base.rules(for: call)
            notes.append("\(call): under the conditions of \(base.name)")
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
        var accepted = decide(NeverAllow.cloneFlags.filter { seen & $0.value != 0 }.map(\.key), of: "clone")
        if let base = options.base, !base.opensFully("clone") {
            for item in accepted {
                outside[item] = calls["clone"]?.executables.keys.sorted() ?? []
                self.accepted[item] = nil
            }
            accepted = []
        }
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
        let families = ArgumentRules.families(suffices ? seen : nil, accepting: accepted)
        if suffices {
            notes.append("socket: only " + seen.sorted().map { SocketFamily.name(Int($0)) }.joined(separator: ", "))
        } else {
            notes.append(
                "socket: every family but the refused ones; a list of families needs 30 calls in 3 runs without a late one"
            )
        }
        return ArgumentRules.socket(
            families: families, isList: suffices, base: options.base, accepting: accepted,
            explainingRefusals: !hasGate)
    }

    /// The rules that restrict a call by what was recorded of its argument; nil where it stays as it is.
    private mutating func argumentRules(_ rule: GeneratorOptions.ArgumentRule) -> [OCISeccompProfile.Rule]? {
        let evidence = profile.arguments[rule.fact]
        let seen = values(rule.fact, in: learnedPhases + [.filteredSetup, .sessionFilteredSetup])
        let isEnough = evidence.map(ArgumentRules.suffices) == true && !seen.isEmpty
        switch rule {
        case .clone: return nil
        case .socket: return socketRules()
        case .ioctl:
            notes.append(
                isEnough
                    ? "ioctl: only \(seen.count) requests, never TIOCSTI and TIOCLINUX"
                    : "ioctl: every request but TIOCSTI and TIOCLINUX")
            return ArgumentRules.ioctl(requests: isEnough ? seen : nil)
        case .personality, .prctl:
            guard isEnough else {
                notes.append("\(rule.rawValue): not restricted; a list needs 30 calls in 3 runs without a late one")
                return nil
            }
            // What the runtime sets is asked in the same filter.
            let own = rule == .prctl && needs.contains("prctl") ? ArgumentRules.runtimeOptions : []
            let within = seen.filter { options.base?.conditions(of: rule.rawValue, where: 0, is: $0).isEmpty != true }
            notes.append("\(rule.rawValue): only \(within.union(own).count) values")
            if within.count < seen.count, let base = options.base {
                notes.append(
                    "\(rule.rawValue): \(seen.count - within.count) learned values are left out: \(base.name) denies them"
                )
            }
            return ArgumentRules.listed(rule.rawValue, within.union(own))
        }
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
