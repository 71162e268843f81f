// SPDX-License-Identifier: Apache-2.0
package import Events

/// A right that processes have, as profiles name it: `uid/33`, `capability/CAP_NET_RAW`, both with `userns/` before them
/// where the process is in a user namespace other than the machine's.
package struct CredentialName: Hashable, Sendable {
    /// What the name names.
    package enum Right: Hashable, Sendable {
        /// An effective user id, as the user namespace numbers it.
        case uid(UInt32)
        /// Effective capabilities. Profiles have one name for each; what somebody allows can be several.
        case capabilities(CapabilitySet)
    }

    /// What processes have.
    package let right: Right
    /// Whether they have it in a user namespace other than the machine's, where it reaches less far.
    package let isInUserNamespace: Bool

    /// The name of a right.
    package init(_ right: Right, isInUserNamespace: Bool) {
        self.right = right
        self.isInUserNamespace = isInUserNamespace
    }

    /// The right that `text` names; nil if it names none.
    package init?(_ text: String) {
        var rest = text[...]
        isInUserNamespace = rest.hasPrefix("userns/")
        if isInUserNamespace { rest = rest.dropFirst("userns/".count) }
        if rest.hasPrefix("uid/") {
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
        let space = isInUserNamespace ? "userns/" : ""
        switch right {
        case .uid(let uid): return "\(space)uid/\(uid)"
        case .capabilities(let set): return "\(space)capability/\(set.names.joined(separator: ","))"
        }
    }

    /// The names that a profile has for credentials: one of the user, one of each capability.
    package static func all(of credentials: CredentialSnapshot) -> [CredentialName] {
        let isInner = credentials.isInUserNamespace
        return [CredentialName(.uid(credentials.uid), isInUserNamespace: isInner)]
            + single(credentials.effective, isInUserNamespace: isInner)
    }

    /// One name for each capability.
    package static func single(_ set: CapabilitySet, isInUserNamespace: Bool) -> [CredentialName] {
        (0..<64).map { CapabilitySet(rawValue: 1 << UInt64($0)) }.filter { !$0.intersection(set).isEmpty }
            .map { CredentialName(.capabilities($0), isInUserNamespace: isInUserNamespace) }
    }
}
