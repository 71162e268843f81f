// SPDX-License-Identifier: Apache-2.0

/// Which network peers are expected: the exact names, and the prefixes that stand for many.
package struct PeerMatcher: Equatable, Sendable {
    /// Whether what no entry speaks of is expected: while a profile learns, and where it was learned without peers.
    package let isOpen: Bool
    private let allowed: Set<PeerName>
    private let refused: Set<PeerName>

    /// Expects everything but engine sockets that nobody has accepted: those of `accepted`, by their `ProfileEntry` names.
    package static func open(accepted: Set<String> = []) -> PeerMatcher {
        PeerMatcher(isOpen: true, allowed: accepted, refused: [])
    }

    /// Expects what these `ProfileEntry` names say, the narrowest that speaks of a peer before the wider ones.
    init(isOpen: Bool, allowed: Set<String>, refused: Set<String>) {
        func names(_ entries: Set<String>) -> Set<PeerName> {
            Set(entries.compactMap { $0.hasPrefix("peers/") ? PeerName(String($0.dropFirst("peers/".count))) : nil })
        }
        self.isOpen = isOpen
        self.allowed = names(allowed)
        self.refused = names(refused)
    }

    /// Whether this peer is expected.
    package func allows(_ name: PeerName) -> Bool {
        for entry in name.coverings {
            if refused.contains(entry) { return false }
            if allowed.contains(entry) { return true }
        }
        return isOpen && !name.isEngineSocket
    }
}
