// SPDX-License-Identifier: Apache-2.0
package import Events

/// What one container or program does, as it was observed, with the evidence for each entry: `ringfence.profile/v1`.
///
/// The JSON form has sorted keys and one entry a line, so that two profiles can be read and compared as text.
package struct BehaviourProfile: Codable, Equatable, Sendable {
    /// The schema this build writes and reads.
    package static let schemaName = "ringfence.profile/v1"

    /// Always `schemaName`; a file with another value is refused.
    package var schema: String = Self.schemaName
    /// What the profile is of, stable over restarts and image updates (DESIGN.md, section 5).
    package var key: String
    /// The architecture the calls were made on; profiles of two architectures cannot be merged.
    package var architecture: Architecture
    /// What was recorded.
    package var target: ProfileTarget
    /// The machines it was recorded on, each once.
    package var environments: [ProfileEnvironment]
    /// When and how completely it was recorded.
    package var window: ProfileWindow
    /// System calls: ABI name (`x86_64`, `i386`, ...), then call name.
    package var calls: [String: [String: CallEvidence]] = [:]
    /// io_uring operations by name (`IORING_OP_OPENAT`), which bypass the system call hooks.
    package var ioUring: [String: CallEvidence] = [:]
    /// Executables by path inside the container.
    package var executables: [String: ExecutableEvidence] = [:]
    /// Network peers, listeners and unix sockets by their `PeerName`; nil if they were not watched, which is not the same as
    /// none. The workload's are learned; those of exec sessions and of set-up are under `session` and allow nothing.
    package var peers: [String: CallEvidence]?
    /// The addresses that names of hosts in `peers` were contacted at by the workload, see `HostAddresses`; nil if there are no
    /// names.
    package var addresses: [String: [String]]?
    /// Users and capabilities that processes had in effect, by their `CredentialName`; nil if they were not watched.
    package var credentials: [String: CallEvidence]?
    /// Capabilities that were used, by name: a check of them said yes. Nil where the kernel does not tell (before Linux 6.14).
    /// Nothing is compared with it.
    package var capabilitiesUsed: [String: CallEvidence]?
    /// Values seen in scalar arguments: `socket.family`, `clone.flags`.
    package var arguments: [String: ArgumentEvidence] = [:]
    /// Calls that a seccomp filter refused while recording; they are attempts, not uses. ABI name, then call name.
    package var denied: [String: [String: DeniedEvidence]] = [:]
    /// What people decided about entries, newest last; never forgotten by a merge.
    package var decisions: [ProfileDecision] = []
    /// Exec sessions that recur (health checks), and candidates for that, sorted; nil if there are none.
    package var probes: [ProfileProbe]?
    /// How far the daemon's learning has come; nil in a recording.
    package var learning: ProfileLearning?

    /// A profile with no entries.
    package init(
        key: String, architecture: Architecture, target: ProfileTarget, environments: [ProfileEnvironment],
        window: ProfileWindow
    ) {
        self.key = key
        self.architecture = architecture
        self.target = target
        self.environments = environments
        self.window = window
    }
}
