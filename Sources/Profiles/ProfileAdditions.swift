// SPDX-License-Identifier: Apache-2.0
import Events

/// What one profile knows that an earlier one did not, in the order in which people read it.
package struct ProfileAdditions: Equatable, Sendable {
    /// A system call, io_uring operation or network peer that is new, or new in some phase.
    package struct Use: Equatable, Sendable {
        /// The ABI's name, or nil for an io_uring operation or a peer.
        package let abi: String?
        package let name: String
        /// The phases that are new, by `Phase.name`, in the order of a container's life.
        package let phases: [String]
        /// Who made it in those phases: paths, sorted.
        package let executables: [String]
        /// Why it is held for review, or nil.
        package let held: String?
    }

    /// A new value of an argument.
    package struct Value: Equatable, Sendable {
        /// `socket.family`, `clone.flags`.
        package let argument: String
        package let phase: String
        package let value: UInt32
        /// What the value is called: `AF_INET6`, `CLONE_NEWNS|SIGCHLD`, or the number.
        package let name: String
    }

    /// By ABI, then by name.
    package private(set) var calls: [Use] = []
    /// By name.
    package private(set) var ioUring: [Use] = []
    /// Peers by their name.
    package private(set) var peers: [Use] = []
    /// Users and capabilities by their name.
    package private(set) var credentials: [Use] = []
    /// Paths, sorted.
    package private(set) var executables: [String] = []
    /// Of executables that were known: by whom they are executed now, "PATH by PARENT", sorted.
    package private(set) var parents: [String] = []
    /// By argument, phase and value.
    package private(set) var arguments: [Value] = []

    /// Nothing is new.
    package init() {}

    /// What `profile` has and `old` has not.
    package init(of profile: BehaviourProfile, against old: BehaviourProfile) {
        for (abi, found) in profile.calls.sorted(by: { $0.key < $1.key }) {
            calls += Self.uses(found, old.calls[abi] ?? [:], abi: abi)
        }
        ioUring = Self.uses(profile.ioUring, old.ioUring, abi: nil)
        peers = Self.uses(profile.peers ?? [:], old.peers ?? [:], abi: nil)
        credentials = Self.uses(profile.credentials ?? [:], old.credentials ?? [:], abi: nil)
        parents = profile.executables.flatMap { path, evidence -> [String] in
            guard let known = old.executables[path]?.parents else { return [] }
            return (evidence.parents ?? [:]).keys.filter { known[$0] == nil }.map { "\(path) by \($0)" }
        }.sorted()
        executables = Set(profile.executables.keys).subtracting(old.executables.keys).sorted()
        for (argument, evidence) in profile.arguments.sorted(by: { $0.key < $1.key }) {
            for phase in Self.inOrder(evidence.values.keys) {
                let known = Set(old.arguments[argument]?.values[phase] ?? [])
                for value in evidence.values[phase] ?? [] where !known.contains(value) {
                    arguments.append(
                        Value(argument: argument, phase: phase, value: value, name: Self.name(value, of: argument)))
                }
            }
        }
    }

    /// Whether nothing is new.
    package var isEmpty: Bool {
        calls.isEmpty && ioUring.isEmpty && peers.isEmpty && credentials.isEmpty && executables.isEmpty
            && parents.isEmpty && arguments.isEmpty
    }

    /// One line for each addition, for people.
    package var lines: [String] {
        (calls + ioUring + peers + credentials).map { use in
            let name = use.abi.map { "\($0) \(use.name)" } ?? use.name
            let held = use.held.map { ", held for review: \($0)" } ?? ""
            return
                "\(name) (\(use.phases.joined(separator: ", "))) by \(use.executables.joined(separator: ", "))\(held)"
        }
            + executables.map { "executable \($0)" }
            + parents.map { "executed: \($0)" }
            + arguments.map { "\($0.argument) \($0.name) (\($0.phase))" }
    }

    private static func uses(
        _ found: [String: CallEvidence], _ old: [String: CallEvidence], abi: String?
    ) -> [Use] {
        found.sorted { $0.key < $1.key }.compactMap { name, evidence in
            let known = old[name]?.phases ?? [:]
            let phases = inOrder(evidence.phases.keys.filter { known[$0] == nil })
            guard !phases.isEmpty else { return nil }
            let executables = Set(phases.flatMap { evidence.phases[$0].map { Array($0.executables.keys) } ?? [] })
            return Use(abi: abi, name: name, phases: phases, executables: executables.sorted(), held: evidence.held)
        }
    }

    private static func inOrder(_ phases: some Sequence<String>) -> [String] {
        phases.sorted { (Phase(name: $0)?.rawValue ?? .max, $0) < (Phase(name: $1)?.rawValue ?? .max, $1) }
    }

    private static func name(_ value: UInt32, of argument: String) -> String {
        switch argument {
        case "socket.family": SocketFamily.name(Int(value))
        case "clone.flags": value == 0 ? "0" : CloneFlags.names(UInt64(value)).joined(separator: "|")
        default: String(value)
        }
    }
}
