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
        for (path, evidence) in profile.executables {
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
    }

    private func check(_ evidence: CallEvidence, _ place: String) throws(ProfileError) {
        guard !evidence.phases.isEmpty else { throw bad(place, "has no phase") }
        try text(evidence.held, place)
        for (name, phase) in evidence.phases {
            try known(name, place)
            try runs(phase.runs, "\(place)/phases/\(name)")
            try order(phase.first, phase.last, "\(place)/phases/\(name)")
            for executable in phase.executables.keys { try text(executable, "\(place)/phases/\(name)") }
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
