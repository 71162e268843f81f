// SPDX-License-Identifier: Apache-2.0

/// What is new: the thing that somebody may have to allow.
package struct FindingItem: Codable, Hashable, Sendable {
    /// What the name names.
    package enum Kind: String, Codable, Sendable {
        case call
        case ioOperation = "io-operation"
        case executable
        /// An executable without a name in any file system: a memfd or an unlinked file.
        case filelessExecutable = "fileless-executable"
        case session
        /// A network peer, a listener or a unix socket, as profiles call it: `connect/tcp/203.0.113.7:443`.
        case peer
        /// The same, of an exec session: no profile learns it, and there is nothing to allow.
        case sessionPeer = "session-peer"
        /// Where a process was moved from, or to: "from NAME", "to PATH".
        case migration
        /// The key of a container, as the approved inventory has it.
        case container
        /// Ringfence itself: a loss, a gap, a pin.
        case own
    }

    package let kind: Kind
    /// The call, operation, path of the executable, or a word that says what happened. Escaped.
    package let name: String
    /// The system call table that the number was looked up in, as "x86_64" or "i386"; nil if it is no call.
    package let abi: String?

    /// A new thing. `name` is escaped text, see `HostileText`; what is not will be.
    package init(_ kind: Kind, _ name: String, abi: String? = nil) {
        self.kind = kind
        self.name = SafeText.of(name, limit: AlertProcess.pathLimit)
        self.abi = abi.map { SafeText.of($0, limit: 32) }
    }

    /// For people: "ptrace (i386)", "/bin/sh".
    package var text: String {
        guard let abi else { return name }
        return "\(name) (\(abi))"
    }
}
