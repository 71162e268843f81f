// SPDX-License-Identifier: Apache-2.0
import CEvents
package import Events
package import FoundationEssentials
import Platform
package import Profiles

/// Makes a behaviour profile of one target from what the kernel kept.
package struct ProfileBuilder {
    let facts: RecordedFacts
    let slots: [SlotSnapshot]
    let subs: [UInt32: SubSnapshot]
    let start: Date
    let end: Date
    /// Exec sessions are told apart in containers only: a unit's ExecStartPre and a command's helpers are its workload.
    private let keepsSessions: Bool

    /// A builder for the given slots of `facts`; `end` is when the recording ended.
    package init(facts: RecordedFacts, slots: [SlotSnapshot], keepsSessions: Bool, start: Date, end: Date) {
        self.facts = facts
        self.slots = slots
        self.keepsSessions = keepsSessions
        self.start = start
        self.end = end
        let indices = Set(slots.map(\.index))
        subs = Dictionary(
            uniqueKeysWithValues: facts.subs.filter { indices.contains($0.slot) }.map { ($0.index, $0) })
    }

    /// The profile. `reasons` are further causes for facts that may be missing.
    package func build(
        key: String, target: ProfileTarget, environment: ProfileEnvironment, reasons: [String] = []
    ) -> BehaviourProfile {
        var profile = BehaviourProfile(
            key: key, architecture: .current, target: target, environments: [environment],
            window: ProfileWindow(
                start: start, end: end, instances: instances, counted: facts.isCounted,
                partial: facts.partialReasons(of: slots) + reasons, events: events))
        if facts.steady != nil { profile.window.steady = true }
        for sub in subs.values { add(sub, to: &profile) }
        for denial in facts.denials { add(denial, to: &profile) }
        if facts.isFallback { addFallback(to: &profile) }
        addArguments(to: &profile)
        addPeers(to: &profile)
        addExecutions(to: &profile)
        HeldEntries.mark(&profile)
        return profile
    }

    private func add(_ sub: SubSnapshot, to profile: inout BehaviourProfile) {
        guard !isRecorder(sub) else { return }
        let path = name(of: sub)
        var phases: Set<String> = []
        for (phase, sets) in sub.calls {
            guard let name = profiled(phase) else { continue }
            for (abi, set) in sets {
                let table = SyscallTable.table(abi)
                let counts = sub.countPages[phase]?[abi].flatMap { facts.counts[$0] }
                let steady = facts.steady?[sub.index]?.calls[phase]?[abi]
                for number in set.numbers {
                    profile.calls[abi.name(on: .current), default: [:]][
                        table.name(number), default: CallEvidence(phases: [:])
                    ]
                    .add(
                        name, path, count: counts?[number] ?? 0,
                        first: first(FirstUse(sub: sub.index, phase: phase, abi: abi, number: number)), last: end,
                        isSteady: steady?.contains(number) == true)
                }
                phases.insert(name.name)
            }
        }
        for (phase, set) in sub.ioUring {
            guard let name = profiled(phase) else { continue }
            for number in set.numbers {
                profile.ioUring[IOUringOperation.name(number), default: CallEvidence(phases: [:])]
                    .add(
                        name, path, count: 0,
                        first: first(FirstUse(sub: sub.index, phase: phase, abi: nil, number: number)), last: end)
            }
        }
        guard !phases.isEmpty, !sub.isOther || sub.path.isEmpty else { return }
        let old = profile.executables[path]
        profile.executables[path] = ExecutableEvidence(
            first: old?.first ?? start, last: end, phases: Set(old?.phases ?? []).union(phases).sorted())
    }

    private func add(_ denial: Denial, to profile: inout BehaviourProfile) {
        guard let sub = subs[denial.sub], profiled(denial.phase) != nil else { return }
        let abi = denial.abi.name(on: .current)
        let name = SyscallTable.table(denial.abi).name(denial.number)
        var evidence = profile.denied[abi]?[name] ?? DeniedEvidence(errnos: [], executables: [:])
        evidence.errnos = Set(evidence.errnos + [denial.errno]).sorted()
        evidence.executables[self.name(of: sub), default: 0] += denial.count
        profile.denied[abi, default: [:]][name] = evidence
    }

    private func addFallback(to profile: inout BehaviourProfile) {
        let ids = Set(slots.map(\.cgroupID))
        for (id, sets) in facts.fallback where ids.isEmpty || ids.contains(id) {
            for (abi, set) in sets {
                for number in set.numbers {
                    profile.calls[abi.name(on: .current), default: [:]][
                        SyscallTable.table(abi).name(number), default: CallEvidence(phases: [:])
                    ].add(.workload, ExecutableName.unknown, count: 0, first: start, last: end)
                }
            }
        }
    }

    /// What only an exec session or the set-up did is apart: it is nothing that the workload does. Peers stay in the kernel's
    /// table as long as their slot: those that were last used before its last epoch ended belong to that.
    private func addPeers(to profile: inout BehaviourProfile) {
        guard let peers = facts.peers else { return }
        let since = Dictionary(slots.map { ($0.index, $0.epochNanoseconds) }) { one, _ in one }
        let cgroups = Dictionary(slots.map { ($0.index, $0.cgroupID) }) { one, _ in one }
        let clock = BootClock()
        var all: [String: CallEvidence] = [:]
        var addresses: [String: [String]] = [:]
        for peer in peers {
            guard let begin = since[peer.slot], peer.lastNanoseconds >= begin else { continue }
            let isSession = peer.isOutsider && keepsSessions
            let known = cgroups[peer.slot].flatMap { facts.names[$0] }
            for entry in PeerName.all(peer, since: begin, known) {
                if let host = entry.host, !isSession {
                    addresses[host] = HostAddresses.unite(addresses[host] ?? [], [peer.address.text])
                }
                all[entry.text, default: CallEvidence(phases: [:])]
                    .add(
                        isSession ? .sessionWorkload : .workload,
                        subs[peer.sub].map(name) ?? ExecutableName.unknown, count: 0,
                        first: min(end, clock.date(ofNanoseconds: peer.firstNanoseconds)), last: end)
            }
        }
        let (kept, isCut) = PeerEntries.bounded(all)
        profile.peers = kept
        if !addresses.isEmpty { profile.addresses = addresses }
        if isCut { profile.window.partial.append(PeerEntries.partialReason) }
    }

    private func addArguments(to profile: inout BehaviourProfile) {
        let families = values { $0.socketFamilies }
        if !families.isEmpty {
            profile.arguments["socket.family"] = evidence(
                families, hiddenBy: RF_SLOT_SOCKETCALL, call: "socket", profile)
        }
        let flags = values { $0.cloneFlags }
        if !flags.isEmpty {
            // The low byte is the signal sent at exit (clone(2)), not a flag.
            let masked = flags.mapValues { Values(values: Set($0.values.map { $0 & ~0xff }), overflow: $0.overflow) }
            profile.arguments["clone.flags"] = evidence(masked, hiddenBy: 0, call: "clone", profile)
        }
        for kind in OptionSnapshot.Kind.allCases {
            let values = values(of: kind)
            guard !values.isEmpty else { continue }
            profile.arguments[kind.fact] = evidence(
                values, hiddenBy: RF_SLOT_OPTIONS_FULL, call: kind.call, profile)
        }
    }

    private struct Values {
        var values: Set<UInt64> = []
        var overflow = false
    }

    private func values(_ of: (SlotSnapshot) -> [Phase: SlotSnapshot.Values]) -> [Phase: Values] {
        var all: [Phase: Values] = [:]
        for slot in slots {
            for (phase, values) in of(slot) {
                guard let name = profiled(phase) else { continue }
                all[name, default: Values()].values.formUnion(values.values)
                if values.overflow > 0 { all[name, default: Values()].overflow = true }
            }
        }
        return all
    }

    /// The same of what stands in a table of its own.
    private func values(of kind: OptionSnapshot.Kind) -> [Phase: Values] {
        let own = Set(slots.map(\.index))
        var all: [Phase: Values] = [:]
        for option in facts.options where option.kind == kind && own.contains(option.slot) {
            guard let name = profiled(option.phase) else { continue }
            all[name, default: Values()].values.formUnion(option.values.map(UInt64.init))
            if option.overflowed { all[name, default: Values()].overflow = true }
        }
        return all
    }

    private func evidence(
        _ values: [Phase: Values], hiddenBy flag: UInt32, call: String, _ profile: BehaviourProfile
    ) -> ArgumentEvidence {
        let calls = profile.calls.values.compactMap { $0[call] }.flatMap { $0.phases.values }
            .flatMap { $0.executables.values }.reduce(0, &+)
        return ArgumentEvidence(
            values: Dictionary(
                uniqueKeysWithValues: values.map {
                    ($0.key.name, $0.value.values.map { UInt32($0 & 0xffff_ffff) }.sorted())
                }),
            overflowed: values.values.contains { $0.overflow } || (flag != 0 && slots.contains { $0.has(flag) }),
            calls: calls)
    }

    /// The phase that a fact goes under in the profile. Setup stays setup, for what never executed a program after it
    /// was moved into the cgroup did something too.
    func profiled(_ phase: Phase) -> Phase? {
        keepsSessions ? phase : Phase(rawValue: phase.rawValue % 3)
    }

    /// Whether this is the recorder itself on its way to becoming the command.
    private func isRecorder(_ sub: SubSnapshot) -> Bool {
        sub.calls[.workload] == nil && sub.path == Self.ownExecutable
    }

    private func first(_ use: FirstUse) -> Date { facts.firstUses[use] ?? start }

    private static let ownExecutable =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map { HostileText.escaped($0) }

    func name(of sub: SubSnapshot) -> String { sub.isOther ? "(other)" : sub.executableName }

    private var instances: Int {
        let roots = slots.filter { $0.root == $0.index }
        return roots.reduce(0) { $0 + Int($1.instances) + ($1.has(RF_SLOT_LATE) ? 1 : 0) }
    }

    private var events: EventAccounting {
        slots.reduce(into: EventAccounting()) { $0.add(EventAccounting($1.unbooked)) }
    }
}

extension CallEvidence {
    /// Adds one executable's use in one phase.
    mutating func add(
        _ phase: Phase, _ executable: String, count: UInt64, first: Date, last: Date, isSteady: Bool = false
    ) {
        var evidence = phases[phase.name] ?? PhaseEvidence(first: first, last: last, executables: [:])
        evidence.first = min(evidence.first, first)
        evidence.executables[executable, default: 0] += count
        if isSteady { evidence.steady = Set(evidence.steady ?? []).union([executable]).sorted() }
        phases[phase.name] = evidence
    }
}
