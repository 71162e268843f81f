// SPDX-License-Identifier: Apache-2.0
package import Events

/// Which users and capabilities processes may have, as their profile and people say. An exec session may have what the
/// workload may, and what sessions had; that says nothing of the workload.
package struct CredentialMatcher: Equatable, Sendable {
    /// What is right, as far as one kind of process in one kind of user namespace goes.
    package struct Rights: Equatable, Sendable {
        /// Effective users.
        package fileprivate(set) var users: Set<UInt32> = []
        /// Whether any other user is right, too, but for root.
        package fileprivate(set) var isAnyUser = false
        /// Effective capabilities.
        package fileprivate(set) var capabilities = CapabilitySet.none
        private var refused: Set<UInt32> = []

        fileprivate mutating func allow(_ right: CredentialName.Right) {
            switch right {
            case .uid(let uid): users.insert(uid)
            case .anyUser: isAnyUser = true
            case .capabilities(let set): capabilities.formUnion(set)
            }
        }

        fileprivate mutating func refuse(_ right: CredentialName.Right) {
            switch right {
            case .uid(let uid):
                users.remove(uid)
                refused.insert(uid)
            case .anyUser: isAnyUser = false
            case .capabilities(let set): capabilities = capabilities.subtracting(set)
            }
        }

        fileprivate func allows(_ uid: UInt32) -> Bool {
            users.contains(uid) || isAnyUser && uid != 0 && !refused.contains(uid)
        }
    }

    private struct Kind: Hashable, Sendable {
        let isInUserNamespace: Bool
        let isOfSession: Bool
    }

    /// Whether anything is right: while learning, and where credentials were not watched when it was learned.
    package let isOpen: Bool
    private var rights: [Kind: Rights] = [:]

    /// Everything is right.
    package static let open = CredentialMatcher(isOpen: true, allowed: [], refused: [])

    /// - Parameters:
    ///   - allowed: entries that are right, by their `ProfileEntry` names; others than those of credentials say nothing.
    ///   - refused: entries that are not, whatever is allowed.
    package init(isOpen: Bool, allowed: some Sequence<String>, refused: some Sequence<String>) {
        self.isOpen = isOpen
        for entry in allowed { change(entry) { $0.allow($1) } }
        for entry in refused { change(entry) { $0.refuse($1) } }
    }

    private mutating func change(_ entry: String, _ change: (inout Rights, CredentialName.Right) -> Void) {
        guard entry.hasPrefix("credentials/"), let name = CredentialName(String(entry.dropFirst("credentials/".count)))
        else { return }
        // What is said of no session is said of the workload, and of sessions with it.
        for isOfSession in name.isOfSession ? [true] : [false, true] {
            let kind = Kind(isInUserNamespace: name.isInUserNamespace, isOfSession: isOfSession)
            change(&rights[kind, default: Rights()], name.right)
        }
    }

    /// What of these credentials is not right: the user, and all such capabilities as one.
    package func news(in credentials: CredentialSnapshot) -> [CredentialName] {
        guard !isOpen else { return [] }
        func name(_ right: CredentialName.Right) -> CredentialName {
            CredentialName(
                right, isInUserNamespace: credentials.isInUserNamespace, isOfSession: credentials.isSession)
        }
        let user = name(.uid(credentials.uid))
        let more = credentials.effective.subtracting(known(to: user).capabilities)
        return (allows(user) ? [] : [user]) + (more.isEmpty ? [] : [name(.capabilities(more))])
    }

    /// Whether a right is one of these.
    func allows(_ name: CredentialName) -> Bool {
        let rights = known(to: name)
        switch name.right {
        case .uid(let uid): return isOpen || rights.allows(uid)
        case .anyUser: return isOpen || rights.isAnyUser
        case .capabilities(let set): return isOpen || set.subtracting(rights.capabilities).isEmpty
        }
    }

    /// What is right for processes such as the one that this right is of.
    package func known(to name: CredentialName) -> Rights {
        rights[Kind(isInUserNamespace: name.isInUserNamespace, isOfSession: name.isOfSession)] ?? Rights()
    }
}
