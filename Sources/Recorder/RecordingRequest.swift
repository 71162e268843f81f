// SPDX-License-Identifier: Apache-2.0
package import CShims
package import Platform

/// What to record, for how long, and with how much room.
package struct RecordingRequest: Sendable {
    /// Whose behaviour is recorded.
    package enum Target: Sendable, Equatable {
        /// A command started by us in a cgroup of its own, with everything it starts.
        case command([String])
        /// Containers whose name or id matches; with a command, those that appear while it runs.
        case container(pattern: String, waits: Bool, command: [String]?)
        /// A cgroup by its path below the hierarchy or by its directory, and all below it.
        case cgroup(String)
        /// A systemd unit; one that is waited for need not run yet, and may start several times.
        case unit(String, waits: Bool)
        /// A process and its descendants.
        case process(Int32)
    }

    package var target: Target
    /// Seconds after which the recording ends although the target goes on; nil for no limit.
    package var seconds: Double?
    /// Whom a command runs as; nil for who we are.
    package var user: UserIdentity?
    /// Whether each call is counted, at about 20 ns a call.
    package var countsCalls = true
    /// Whether calls that a seccomp filter denies are watched, which needs a second hook.
    package var watchesDenials = false
    /// Whether network peers are watched, where that can be: below the target's cgroup. A process shares its cgroup with
    /// others, and has none.
    package var watchesPeers = false
    /// Whether the names of their addresses are read from DNS, where peers are watched.
    package var readsNames = true
    /// A seccomp filter that a command is started under; none if empty.
    package var filter: [rf_bpf_instruction] = []
    /// Whether a command's recording ends with the command itself, although processes it left still run.
    package var endsWithCommand = false
    /// Cgroups that can be told apart; nil for the target's default.
    package var slots: UInt32?
    /// Use only the program for old kernels.
    package var fallbackOnly = false

    /// A request with defaults.
    package init(target: Target) { self.target = target }

    /// What there is to say where the target never appeared.
    package var absence: String {
        if case .unit = target { "the unit did not start" } else { "no container matched" }
    }

    /// The command that the recorder starts, if any.
    package var command: [String]? {
        switch target {
        case .command(let words): words
        case .container(_, _, let words): words
        default: nil
        }
    }
}
