// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Platform

/// What must hold in a profile beyond the types of its fields.
struct ProfileCheck {
    /// What an error names: the file.
    let subject: String

    /// The most distinct values of one argument that a profile keeps for a phase.
    static let valueLimit = 16

    func check(_ profile: BehaviourProfile) throws(ProfileError) {
        guard !profile.key.isEmpty else { throw bad("key", "is empty") }
        try text(profile.key, "key")
        try check(profile.target)
        for environment in profile.environments {
            for value in [environment.kernel, environment.runtime, environment.libc] { try text(value, "environments") }
        }
        try check(profile.window)
        for (abi, calls) in profile.calls {
            let table = try table(abi, profile.architecture, "calls")
            for (name, evidence) in calls {
                guard table.number(name) != nil else { throw unknown("system call", name, "calls/\(abi)") }
                try check(evidence, "calls/\(abi)/\(name)")
            }
        }
        for (abi, calls) in profile.denied {
            let table = try table(abi, profile.architecture, "denied")
            for (name, evidence) in calls {
                guard table.number(name) != nil else { throw unknown("system call", name, "denied/\(abi)") }
                try runs(evidence.runs, "denied/\(abi)/\(name)")
                try ascending(evidence.errnos, "denied/\(abi)/\(name)/errnos")
                for executable in evidence.executables.keys { try text(executable, "denied/\(abi)/\(name)") }
            }
        }
        for (name, evidence) in profile.ioUring {
            guard IOUringOperation.opcode(name) != nil else { throw unknown("io_uring operation", name, "ioUring") }
            try check(evidence, "ioUring/\(name)")
        }
        for (name, evidence) in profile.peers ?? [:] {
            guard PeerName(name) != nil else { throw unknown("network peer", name, "peers") }
            try check(evidence, "peers/\(name)")
        }
        for (host, addresses) in profile.addresses ?? [:] {
            guard HostName.isPlain(host), HostAddresses.isValid(addresses) else {
                throw bad("addresses/\(host)", "is no name of a host with a sorted list of addresses")
            }
        }
        if let peers = profile.peers, peers.count > PeerEntries.limit {
            throw bad("peers", "has more than \(PeerEntries.limit) entries")
        }
        for (name, evidence) in profile.credentials ?? [:] {
            guard CredentialName(name)?.isOfSession == false else { throw unknown("right", name, "credentials") }
            try check(evidence, "credentials/\(name)")
        }
        for (name, evidence) in profile.capabilitiesUsed ?? [:] {
            guard CapabilitySet(names: [name])?.names == [name] else {
                throw unknown("capability", name, "capabilitiesUsed")
            }
            try check(evidence, "capabilitiesUsed/\(name)")
        }
        for (path, evidence) in profile.executables {
            try check(evidence, path)
            try text(path, "executables")
            try runs(evidence.runs, "executables/\(path)")
            try order(evidence.first, evidence.last, "executables/\(path)")
            for phase in evidence.phases { try known(phase, "executables/\(path)") }
            try ascending(evidence.phases, "executables/\(path)/phases")
        }
        for (name, evidence) in profile.arguments { try check(evidence, name) }
        for decision in profile.decisions {
            for value in [decision.entry, decision.reason, decision.author] { try text(value, "decisions") }
        }
        for probe in profile.probes ?? [] { try check(probe, profile.architecture) }
        if let probes = profile.probes, !zip(probes, probes.dropFirst()).allSatisfy(ProfileProbe.precedes) {
            throw bad("probes", "is not sorted, each probe once")
        }
        if let learning = profile.learning { try check(learning) }
    }

    private func check(_ evidence: ExecutableEvidence, _ path: String) throws(ProfileError) {
        for (parent, edge) in evidence.parents ?? [:] {
            let place = "executables/\(path)/parents/\(parent)"
            try text(parent, place)
            try runs(edge.runs, place)
            try order(edge.first, edge.last, place)
            for phase in edge.phases { try known(phase, place) }
            try ascending(edge.phases, place)
        }
        for origin in evidence.origins ?? [] { try text(origin, "executables/\(path)/origins") }
        try ascending(evidence.origins ?? [], "executables/\(path)/origins")
    }

    private func check(_ probe: ProfileProbe, _ architecture: Architecture) throws(ProfileError) {
        for value in [probe.executable] + probe.arguments + probe.executables { try text(value, "probes") }
        guard probe.epochs >= 0 else { throw bad("probes/epochs", "is negative") }
        guard probe.executable != nil || !probe.arguments.isEmpty else {
            throw bad("probes", "has one without a command")
        }
        try ascending(probe.executables, "probes/executables")
        for (abi, calls) in probe.calls {
            let table = try table(abi, architecture, "probes/calls")
            try ascending(calls, "probes/calls/\(abi)")
            for name in calls where table.number(name) == nil {
                throw unknown("system call", name, "probes/calls/\(abi)")
            }
        }
    }

    private func check(_ learning: ProfileLearning) throws(ProfileError) {
        let counts = [
            learning.seconds, learning.epochSeconds - 1, learning.epochs, learning.warmUpLeft, learning.monitored,
            learning.instances,
        ]
        guard counts.allSatisfy({ $0 >= 0 }) else { throw bad("learning", "has a count or length that is too small") }
        for (item, epoch) in learning.singletons {
            try text(item, "learning/singletons")
            guard (1...max(1, learning.epochs)).contains(epoch) else {
                throw bad("learning/singletons", "names an epoch that was not counted")
            }
        }
        try text(learning.taken?.boot, "learning/taken")
        for cgroup in learning.taken?.cgroups ?? [:] {
            guard UInt64(cgroup.key) != nil else { throw bad("learning/taken", "names no cgroup") }
            for denied in cgroup.value.denied?.keys ?? [:].keys { try text(denied, "learning/taken") }
        }
        for digest in learning.provisional { try text(digest, "learning/provisional") }
        try ascending(learning.provisional, "learning/provisional")
        for vouch in [learning.forced, learning.imported].compactMap(\.self) {
            for value in [vouch.author, vouch.reason, vouch.source] { try text(value, "learning") }
        }
    }

    private func check(_ target: ProfileTarget) throws(ProfileError) {
        for value in [target.name, target.engine, target.image] + target.command + target.digests {
            try text(value, "target")
        }
    }

    private func check(_ window: ProfileWindow) throws(ProfileError) {
        try runs(window.runs, "window")
        guard window.instances >= 0 else { throw bad("window/instances", "is negative") }
        try order(window.start, window.end, "window", names: ("start", "end"))
        for reason in window.partial { try text(reason, "window/partial") }
        for unit in window.units ?? [] { try text(unit, "window/units") }
        try ascending(window.units ?? [], "window/units")
    }

    private func check(_ evidence: CallEvidence, _ place: String) throws(ProfileError) {
        guard !evidence.phases.isEmpty else { throw bad(place, "has no phase") }
        try text(evidence.held, place)
        for (name, phase) in evidence.phases {
            try known(name, place)
            try runs(phase.runs, "\(place)/phases/\(name)")
            try order(phase.first, phase.last, "\(place)/phases/\(name)")
            for executable in phase.executables.keys { try text(executable, "\(place)/phases/\(name)") }
            for executable in phase.steady ?? [] { try text(executable, "\(place)/phases/\(name)/steady") }
            try ascending(phase.steady ?? [], "\(place)/phases/\(name)/steady")
            if phase.steady?.isEmpty == true { throw bad("\(place)/phases/\(name)/steady", "is empty") }
        }
    }

    private func check(_ evidence: ArgumentEvidence, _ name: String) throws(ProfileError) {
        try text(name, "arguments")
        try runs(evidence.runs, "arguments/\(name)")
        for (phase, values) in evidence.values {
            try known(phase, "arguments/\(name)")
            try ascending(values, "arguments/\(name)/values/\(phase)")
            guard values.count <= Self.valueLimit else {
                throw bad("arguments/\(name)/values/\(phase)", "has more than \(Self.valueLimit) values")
            }
        }
    }

    private func table(_ abi: String, _ architecture: Architecture, _ place: String) throws(ProfileError)
        -> SyscallTable
    {
        let found = CallABI.allCases.first {
            $0.name(on: architecture) == abi && ($0 != .x32 || architecture == .x86_64)
        }
        guard let found else { throw unknown("ABI of \(architecture.rawValue)", abi, place) }
        return .table(found, on: architecture)
    }

    private func known(_ phase: String, _ place: String) throws(ProfileError) {
        guard Phase(name: phase) != nil else { throw unknown("phase", phase, place) }
    }

    private func text(_ value: String?, _ place: String) throws(ProfileError) {
        guard let value, !HostileText.isEscaped(value) else { return }
        throw bad(place, "has text with control or formatting characters")
    }

    private func runs(_ count: Int, _ place: String) throws(ProfileError) {
        guard count >= 1 else { throw bad("\(place)/runs", "is less than 1") }
    }

    private func order(
        _ first: Date, _ last: Date, _ place: String, names: (String, String) = ("first", "last")
    ) throws(ProfileError) {
        guard first <= last else { throw bad(place, "has its \(names.0) after its \(names.1)") }
    }

    private func ascending<Value: Comparable>(_ values: [Value], _ place: String) throws(ProfileError) {
        guard zip(values, values.dropFirst()).allSatisfy(<) else { throw bad(place, "is not sorted, each value once") }
    }

    private func bad(_ place: String, _ what: String) -> ProfileError {
        ProfileStore.damaged(subject, "\(HostileText.escaped(place)) \(what)")
    }

    private func unknown(_ what: String, _ name: String, _ place: String) -> ProfileError {
        ProfileError(
            .read, subject,
            reason: "\(HostileText.escaped(place)) has an unknown \(what), \"\(HostileText.escaped(name))\"",
            remedy: "upgrade ringfence if a later version made it, else restore it from a copy")
    }
}
