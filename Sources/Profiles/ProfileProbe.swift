// SPDX-License-Identifier: Apache-2.0
import Events
import Platform

/// An exec session that recurs: a health check. Until it was seen in two epochs it is a candidate only.
package struct ProfileProbe: Codable, Equatable, Sendable {
    /// Path of the first executable, or nil where only the command is known yet.
    package var executable: String?
    /// The whole command line, argument 0 included; escaped.
    package var arguments: [String]
    /// In how many epochs (or runs) it was seen; 0 if it is only configured.
    package var epochs: Int
    /// Whether the container's configuration names it (`Healthcheck`): known as a probe at once.
    package var configured: Bool
    /// Paths of the executables that ran in it, sorted.
    package var executables: [String]
    /// What it called: ABI name, then call names, sorted.
    package var calls: [String: [String]]

    /// A probe.
    package init(
        executable: String?, arguments: [String], epochs: Int = 1, configured: Bool = false,
        executables: [String] = [], calls: [String: [String]] = [:]
    ) {
        self.executable = executable
        self.arguments = arguments
        self.epochs = epochs
        self.configured = configured
        self.executables = executables
        self.calls = calls
    }

    /// Whether it is known to be a probe, and not just a session that was seen once.
    package var isKnown: Bool { configured || epochs >= 2 }

    /// How it is called in lists.
    package var name: String { arguments.isEmpty ? executable ?? "" : arguments.joined(separator: " ") }

    /// Whether a session with this executable and command line is this probe.
    package func matches(executable: String, arguments: [String]) -> Bool {
        self.arguments == arguments && (self.executable == nil || self.executable == executable)
    }

    /// Both as one: what either called, seen as often as both.
    func united(with other: ProfileProbe) -> ProfileProbe {
        ProfileProbe(
            executable: executable ?? other.executable, arguments: arguments,
            epochs: epochs.saturatingSum(other.epochs), configured: configured || other.configured,
            executables: Set(executables).union(other.executables).sorted(),
            calls: calls.merging(other.calls) { Set($0).union($1).sorted() })
    }

    /// The order of a profile's list.
    static func precedes(_ one: ProfileProbe, _ other: ProfileProbe) -> Bool {
        if one.arguments != other.arguments { return one.arguments.lexicographicallyPrecedes(other.arguments) }
        return (one.executable ?? "") < (other.executable ?? "")
    }

    /// Both lists as one, sorted, each probe once; nil if there is none. A probe whose executable is not known is the
    /// same as one with that command line, if there is just one.
    static func unite(_ one: [ProfileProbe]?, _ other: [ProfileProbe]?) -> [ProfileProbe]? {
        var united: [[String]: ProfileProbe] = [:]
        for probe in (one ?? []) + (other ?? []) {
            let key = [probe.executable ?? ""] + probe.arguments
            united[key] = united[key].map { $0.united(with: probe) } ?? probe
        }
        for (key, probe) in united where probe.executable == nil {
            let same = united.filter { $0.value.arguments == probe.arguments && $0.value.executable != nil }
            guard same.count == 1, let found = same.first else { continue }
            united[key] = nil
            united[found.key] = found.value.united(with: probe)
        }
        return united.isEmpty ? nil : united.values.sorted(by: precedes)
    }
}

extension BehaviourProfile {
    /// The probes that are known as such.
    package var knownProbes: [ProfileProbe] { (probes ?? []).filter(\.isKnown) }

    /// Every executable that made calls in exec sessions, by path.
    package var sessionExecutables: Set<String> {
        let session = Phase.sessionWorkload.name
        return Set(
            calls.values.flatMap(\.values).flatMap { $0.phases[session].map { Array($0.executables.keys) } ?? [] })
    }

    /// Makes `command` a probe at once, because the container's configuration names it.
    ///
    /// - Parameters:
    ///   - command: as the process list would show it (`/bin/sh -c ...` for a shell form); escaped.
    ///   - executables: what ran in such sessions, by path: their calls in exec sessions are the probe's. Name all of
    ///     `sessionExecutables` only where there were no other sessions. Empty: nothing is known of its calls yet.
    package mutating func markProbe(command: [String], executables: Set<String>) {
        guard !command.isEmpty else { return }
        let probe = ProfileProbe(
            executable: nil, arguments: command, epochs: 0, configured: true, executables: executables.sorted(),
            calls: sessionCalls(of: executables))
        probes = ProfileProbe.unite(probes, [probe])
    }

    /// What `executables` called in exec sessions: ABI name, then call names, sorted.
    func sessionCalls(of executables: Set<String>) -> [String: [String]] {
        calls.compactMapValues { calls in
            let found = calls.filter { _, evidence in
                evidence.phases[Phase.sessionWorkload.name]?.executables.keys.contains(where: executables.contains)
                    == true
            }
            return found.isEmpty ? nil : found.keys.sorted()
        }
    }
}
