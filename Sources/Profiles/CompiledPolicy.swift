// SPDX-License-Identifier: Apache-2.0
package import Events
package import FoundationEssentials

/// What is allowed, as the flat sets that the kernel's tables and the judge in user space hold. Setup is never judged.
package struct CompiledPolicy: Equatable, Sendable {
    /// By ABI: what the workload may call; an ABI that is missing may call nothing.
    package private(set) var workload: [CallABI: CallSet] = [:]
    /// By ABI: what exec sessions may call.
    package private(set) var session: [CallABI: CallSet] = [:]
    /// io_uring operations of the workload and of exec sessions.
    package private(set) var workloadIO = CallSet()
    package private(set) var sessionIO = CallSet()
    /// Paths of the executables that are expected in the workload, escaped as in profiles; nil while learning: all are.
    package private(set) var executables: Set<String>?
    /// By path of an executable: who may execute it. One that is missing may be anybody's, as far as the profile knows.
    package private(set) var parents: [String: Set<String>] = [:]
    /// By path of an executable: where its file may come from, as in `ExecutableEvidence`. One that is missing may come from
    /// anywhere.
    package private(set) var origins: [String: Set<String>] = [:]
    /// Users and capabilities of the workload, and of exec sessions.
    package private(set) var credentials = CredentialMatcher.open
    /// Network peers, listeners and unix sockets of the workload.
    package private(set) var peers = PeerMatcher.open()
    /// Items of the never-allow list that no bitmap can refuse, since an argument decides (`clone:CLONE_NEWUSER`,
    /// `socket:AF_PACKET`), by the call that is allowed for them although nobody accepted the item. Sorted.
    package private(set) var argumentDependent: [String: [String]] = [:]

    /// Call numbers below this are judged: `RF_CALLS` of the shared header.
    package static let callLimit = 576
    /// io_uring operations below this are judged: `RF_IO_OPS` of the shared header.
    package static let ioLimit = 128

    /// What `profile` allows at `now`, with what people allowed beside it.
    ///
    /// The workload may do what was learned in its own phase and is not held, what people accepted or allowed, and in each
    /// ABI that it uses what is always allowed; an ABI that it never used stays closed, for its use is a finding. Exec
    /// sessions may do everything but tiers 0 and 1 that nobody accepted.
    package init(_ profile: BehaviourProfile, allows: AllowLayer, now: Date) {
        let verdicts = profile.verdicts
        var accepted = Self.accepted(profile, allows: allows, now: now)
        for (abi, calls) in profile.calls {
            for (name, evidence) in calls where evidence.phases[Phase.workload.name] != nil && evidence.held == nil {
                guard (NeverAllow.tier(of: name) ?? .notable) == .notable else { continue }
                accepted.insert(ProfileEntry.call(name, abi: abi))
            }
        }
        for (name, evidence) in profile.ioUring
        where evidence.phases[Phase.workload.name] != nil && evidence.held == nil {
            accepted.insert(ProfileEntry.ioUring(name))
        }
        for (name, evidence) in profile.peers ?? [:]
        where evidence.phases[Phase.workload.name] != nil && evidence.held == nil {
            accepted.insert(ProfileEntry.peer(name))
        }
        for (text, evidence) in profile.credentials ?? [:] where evidence.held == nil {
            if evidence.phases[Phase.workload.name] != nil { accepted.insert(ProfileEntry.credential(text)) }
            if evidence.phases[Phase.sessionWorkload.name] != nil, let name = CredentialName(text) {
                accepted.insert(ProfileEntry.credential(name.ofSession.text))
            }
        }
        var paths: Set<String> = []
        for (path, evidence) in profile.executables where evidence.phases.contains(Phase.workload.name) {
            paths.insert(path)
        }
        let denied = Set(verdicts.filter { $0.value != .accept }.keys)
            .subtracting(allows.allowed(key: profile.key, now: now))
        for entry in accepted.subtracting(denied) {
            if let (abi, number) = Self.call(entry, on: profile.architecture) {
                workload[abi, default: CallSet()].insert(number)
            } else if let operation = Self.operation(entry) {
                workloadIO.insert(operation)
            } else if let path = Self.path(entry) {
                paths.insert(path)
            }
        }
        peers = PeerMatcher(
            isOpen: profile.peers == nil, allowed: accepted, refused: denied,
            addresses: profile.addresses ?? [:])
        credentials = CredentialMatcher(isOpen: profile.credentials == nil, allowed: accepted, refused: denied)
        for (path, evidence) in profile.executables where evidence.phases.contains(Phase.workload.name) {
            parents[path] = Self.parents(of: path, evidence, accepted: accepted, denied: denied)
            // Who accepts an executable accepts its file.
            guard let known = evidence.origins, !known.isEmpty, !accepted.contains(ProfileEntry.executable(path))
            else { continue }
            origins[path] = Set(known)
        }
        executables = paths.filter { !denied.contains(ProfileEntry.executable($0)) }
        workload[.native, default: CallSet()].formUnion(CallSet())
        for abi in workload.keys {
            let table = SyscallTable.table(abi, on: profile.architecture)
            for name in AlwaysAllowed.calls {
                if let number = table.number(name), number < Self.callLimit { workload[abi]?.insert(number) }
            }
        }
        let people = Self.accepted(profile, allows: allows, now: now)
        session = Self.everythingBut(people, on: profile.architecture)
        sessionIO = CallSet(below: Self.ioLimit)
        argumentDependent = Self.argumentDependent(people)
    }

    /// Who may execute an executable; nil if anybody may. What is held is not part of what was learned.
    private static func parents(
        of path: String, _ evidence: ExecutableEvidence, accepted: Set<String>, denied: Set<String>
    ) -> Set<String>? {
        guard let known = evidence.parents else { return nil }
        let own = known.filter { $0.value.phases.contains(Phase.workload.name) }.keys
        guard !own.contains(Learner.otherExecutables) else { return nil }
        let start = ProfileEntry.parent("", of: path)
        let more = accepted.lazy.filter { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
        return Set(own).union(more).filter { !denied.contains(ProfileEntry.parent($0, of: path)) }
    }

    /// What is allowed while a profile learns: everything but tiers 0 and 1 of the never-allow list.
    ///
    /// - Parameter accepted: entries that people decided are part of the profile, by their `ProfileEntry` names.
    package static func learning(
        accepted: Set<String> = [], on architecture: Architecture = .current
    ) -> CompiledPolicy {
        CompiledPolicy(learning: accepted, architecture)
    }

    private init(learning accepted: Set<String>, _ architecture: Architecture) {
        workload = Self.everythingBut(accepted, on: architecture)
        session = workload
        workloadIO = CallSet(below: Self.ioLimit)
        sessionIO = workloadIO
        executables = nil
        peers = .open(accepted: accepted)
        argumentDependent = Self.argumentDependent(accepted)
    }

    /// The entries that people accepted in `profile` or allowed for its key at `now`: what `learning` wants to know.
    package static func accepted(_ profile: BehaviourProfile, allows: AllowLayer, now: Date) -> Set<String> {
        Set(profile.verdicts.filter { $0.value == .accept }.keys).union(allows.allowed(key: profile.key, now: now))
    }

    private static func everythingBut(_ accepted: Set<String>, on architecture: Architecture) -> [CallABI: CallSet] {
        var sets: [CallABI: CallSet] = [:]
        for abi in CallABI.allCases where abi != .x32 || architecture == .x86_64 {
            let table = SyscallTable.table(abi, on: architecture)
            let name = abi.name(on: architecture)
            var set = CallSet(below: callLimit)
            for entry in NeverAllow.entries where entry.tier < .notable {
                guard let number = table.number(entry.item) else { continue }
                if !accepted.contains(ProfileEntry.call(entry.item, abi: name)) { set.remove(number) }
            }
            sets[abi] = set
        }
        return sets
    }

    private static func argumentDependent(_ accepted: Set<String>) -> [String: [String]] {
        var items: [String: [String]] = [:]
        for entry in NeverAllow.entries where entry.tier < .notable {
            guard let colon = entry.item.firstIndex(of: ":") else { continue }
            let isAccepted = accepted.contains { $0.hasPrefix("calls/") && $0.hasSuffix("/" + entry.item) }
            if !isAccepted { items[String(entry.item[..<colon]), default: []].append(entry.item) }
        }
        return items.mapValues { $0.sorted() }
    }

    private static func call(_ entry: String, on architecture: Architecture) -> (CallABI, Int)? {
        let parts = entry.split(separator: "/", maxSplits: 2)
        guard parts.count == 3, parts[0] == "calls",
            let abi = CallABI.allCases.first(where: { $0.name(on: architecture) == parts[1] }),
            let number = SyscallTable.table(abi, on: architecture).number(String(parts[2])), number < callLimit
        else { return nil }
        return (abi, number)
    }

    private static func operation(_ entry: String) -> Int? {
        guard entry.hasPrefix("ioUring/"), let opcode = IOUringOperation.opcode(String(entry.dropFirst(8))),
            opcode < ioLimit
        else { return nil }
        return opcode
    }

    private static func path(_ entry: String) -> String? {
        entry.hasPrefix("executables/") ? String(entry.dropFirst("executables/".count)) : nil
    }
}
