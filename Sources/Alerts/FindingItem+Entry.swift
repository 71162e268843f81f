// SPDX-License-Identifier: Apache-2.0

extension FindingItem {
    /// The item that an entry of a profile names; nil for what is no call, operation or peer.
    package init?(profileEntry: String) {
        let parts = profileEntry.split(separator: "/", maxSplits: 2).map(String.init)
        switch parts.first {
        case "calls" where parts.count == 3: self.init(.call, parts[2], abi: parts[1])
        case "ioUring" where parts.count == 2: self.init(.ioOperation, parts[1])
        case "peers" where parts.count > 1: self.init(.peer, String(profileEntry.dropFirst("peers/".count)))
        default: return nil
        }
    }

    /// How profiles and the list of what is allowed call it: `calls/x86_64/ptrace`, `ioUring/IORING_OP_READ`,
    /// `executables//bin/sh`, `peers/listen/tcp/*:80`, `sessions//bin/sh`. Nil for what nobody can allow.
    package var profileEntry: String? {
        switch kind {
        // A number beyond every table has no name, and no profile can hold it.
        case .call: name.hasPrefix("#") ? nil : abi.map { "calls/\($0)/\(name)" }
        case .ioOperation: "ioUring/\(name)"
        case .executable, .filelessExecutable: name.hasPrefix("(") ? nil : "executables/\(name)"
        case .session: name.hasPrefix("(") ? nil : "sessions/\(name)"
        case .peer: "peers/\(name)"
        case .container, .own, .sessionPeer, .migration: nil
        }
    }
}
