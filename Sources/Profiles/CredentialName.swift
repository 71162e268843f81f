// SPDX-License-Identifier: Apache-2.0
package import Events

/// A right that processes have, as profiles name it: `uid/33`, `uid/*` for any user but root, `capability/CAP_NET_RAW`, each
/// with `userns/` before it where the process is in a user namespace other than the machine's. What people decide can be of
/// exec sessions alone, with `session/` before all: `session/uid/0`.
package struct CredentialName: Hashable, Sendable {
    /// What the name names.
    package enum Right: Hashable, Sendable {
        /// An effective user id, as the user namespace numbers it.
        case uid(UInt32)
        /// Any effective user id but 0.
        case anyUser
        /// Effective capabilities. Profiles have one name for each; what somebody allows can be several.
        case capabilities(CapabilitySet)
    }

    /// What processes have.
    package let right: Right
    /// Whether they have it in a user namespace other than the machine's, where it reaches less far.
    package let isInUserNamespace: Bool
    /// Whether it is an exec session's alone. A profile's entries are not: their evidence has phases.
    package let isOfSession: Bool

    /// The name of a right.
    package init(_ right: Right, isInUserNamespace: Bool, isOfSession: Bool = false) {
        self.right = right
        self.isInUserNamespace = isInUserNamespace
        self.isOfSession = isOfSession
    }

    /// The right that `text` names; nil if it names none.
    package init?(_ text: String) {
        var rest = text[...]
        isOfSession = rest.hasPrefix(Self.session)
        if isOfSession { rest = rest.dropFirst(Self.session.count) }
        isInUserNamespace = rest.hasPrefix("userns/")
        if isInUserNamespace { rest = rest.dropFirst("userns/".count) }
        if rest == "uid/*" {
            right = .anyUser
        } else if rest.hasPrefix("uid/") {
            let digits = rest.dropFirst("uid/".count)
            guard let uid = UInt32(digits), String(uid) == digits else { return nil }
            right = .uid(uid)
        } else if rest.hasPrefix("capability/") {
            let names = rest.dropFirst("capability/".count).split(separator: ",", omittingEmptySubsequences: false)
            guard let set = CapabilitySet(names: names.map { String($0) }), !set.isEmpty,
                set.names.elementsEqual(names, by: ==)
            else { return nil }
            right = .capabilities(set)
        } else {
            return nil
        }
    }

    /// What `init(_:)` reads.
    package var text: String {
        let space = (isOfSession ? Self.session : "") + (isInUserNamespace ? "userns/" : "")
        switch right {
        case .uid(let uid): return "\(space)uid/\(uid)"
        case .anyUser: return "\(space)uid/*"
        case .capabilities(let set): return "\(space)capability/\(set.names.joined(separator: ","))"
        }
    }

    /// The same right under the name that a profile has for it.
    var inProfile: CredentialName { CredentialName(right, isInUserNamespace: isInUserNamespace) }

    /// Of one user who is not root: any such user, under the name that a profile has for it. Nil of everything else.
    var asAnyUser: CredentialName? {
        guard case .uid(let uid) = right, uid != 0 else { return nil }
        return CredentialName(.anyUser, isInUserNamespace: isInUserNamespace)
    }

    /// The same right of exec sessions alone.
    var ofSession: CredentialName { CredentialName(right, isInUserNamespace: isInUserNamespace, isOfSession: true) }

    /// The names that a profile has for credentials: one of the user, one of each capability.
    package static func all(of credentials: CredentialSnapshot) -> [CredentialName] {
        let user = CredentialName(.uid(credentials.uid), isInUserNamespace: credentials.isInUserNamespace)
        return [user] + user.single(credentials.effective)
    }

    /// One name for each of these capabilities, of the same processes as this one.
    package func single(_ set: CapabilitySet) -> [CredentialName] {
        (0..<64).map { CapabilitySet(rawValue: 1 << UInt64($0)) }.filter { !$0.intersection(set).isEmpty }
            .map { CredentialName(.capabilities($0), isInUserNamespace: isInUserNamespace, isOfSession: isOfSession) }
    }

    private static let session = "session/"
}
