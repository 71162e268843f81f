// SPDX-License-Identifier: Apache-2.0
package import Events

/// Which users and capabilities a workload may have, as its profile and people say.
package struct CredentialMatcher: Equatable, Sendable {
    private struct Rights: Equatable, Sendable {
        var users: Set<UInt32> = []
        var capabilities = CapabilitySet.none
    }

    /// Whether anything is right: while learning, and where credentials were not watched when it was learned.
    package let isOpen: Bool
    private var own = Rights()
    private var inner = Rights()

    /// Everything is right.
    package static let open = CredentialMatcher(isOpen: true, allowed: [], refused: [])

    /// - Parameters:
    ///   - allowed: entries that are right, by their `ProfileEntry` names; others than those of credentials say nothing.
    ///   - refused: entries that are not, whatever is allowed.
    package init(isOpen: Bool, allowed: some Sequence<String>, refused: some Sequence<String>) {
        self.isOpen = isOpen
        for entry in allowed {
            take(entry) {
                $0.users.insert($1)
            } _: {
                $0.capabilities.formUnion($1)
            }
        }
        for entry in refused {
            take(entry) {
                $0.users.remove($1)
            } _: {
                $0.capabilities = $0.capabilities.subtracting($1)
            }
        }
    }

    private mutating func take(
        _ entry: String, _ user: (inout Rights, UInt32) -> Void, _ set: (inout Rights, CapabilitySet) -> Void
    ) {
        guard entry.hasPrefix("credentials/"), let name = CredentialName(String(entry.dropFirst("credentials/".count)))
        else { return }
        var rights = name.isInUserNamespace ? inner : own
        switch name.right {
        case .uid(let uid): user(&rights, uid)
        case .capabilities(let more): set(&rights, more)
        }
        if name.isInUserNamespace { inner = rights } else { own = rights }
    }

    /// What of these credentials is not right: the user, and all such capabilities as one.
    package func news(in credentials: CredentialSnapshot) -> [CredentialName] {
        guard !isOpen else { return [] }
        let isInner = credentials.isInUserNamespace
        let rights = isInner ? inner : own
        var news: [CredentialName] = []
        if !rights.users.contains(credentials.uid) {
            news.append(CredentialName(.uid(credentials.uid), isInUserNamespace: isInner))
        }
        let more = credentials.effective.subtracting(rights.capabilities)
        if !more.isEmpty { news.append(CredentialName(.capabilities(more), isInUserNamespace: isInner)) }
        return news
    }

    /// Whether a right is one of these.
    func allows(_ name: CredentialName) -> Bool {
        let rights = name.isInUserNamespace ? inner : own
        switch name.right {
        case .uid(let uid): return isOpen || rights.users.contains(uid)
        case .capabilities(let set): return isOpen || set.subtracting(rights.capabilities).isEmpty
        }
    }

    /// What is right, for people: users ascending, and capabilities.
    package func known(isInUserNamespace: Bool) -> (users: [UInt32], capabilities: CapabilitySet) {
        let rights = isInUserNamespace ? inner : own
        return (rights.users.sorted(), rights.capabilities)
    }
}
