// SPDX-License-Identifier: Apache-2.0
import Events

/// Joins what two recordings of the same thing learned.
package enum ProfileMerge {
    /// Everything that either profile knows, with the evidence added up, and what of it `old` did not know.
    ///
    /// Runs and counts are added (and stop at the largest number), times widen, sets are united, decisions are all kept.
    /// An entry that a person removed is not learned again; one on the never-allow list is held until it is accepted. The
    /// order of merging makes no difference, except to `grewLate`, which speaks of the run merged last.
    ///
    /// - Parameter allowDifferentKey: joins profiles of two different things under `old`'s key.
    /// - Throws: when the architectures differ, or the keys do.
    package static func merge(
        _ new: BehaviourProfile, into old: BehaviourProfile, allowDifferentKey: Bool = false
    ) throws(ProfileError) -> (merged: BehaviourProfile, additions: ProfileAdditions) {
        guard new.architecture == old.architecture else {
            throw ProfileError(
                .merge, new.key,
                reason: "it is of \(new.architecture.rawValue), the existing profile of \(old.architecture.rawValue)",
                remedy: "keep one profile for each architecture")
        }
        guard new.key == old.key || allowDifferentKey else {
            throw ProfileError(
                .merge, new.key, reason: "the existing profile is of \(old.key)",
                remedy: "write to another file")
        }
        var merged = old
        merged.target = uniteTargets(old, new)
        merged.environments = Set(old.environments).union(new.environments).sorted(by: order)
        merged.window = unite(old.window, new.window)
        merged.calls = old.calls.merging(new.calls) { $0.merging($1, uniquingKeysWith: unite) }
        merged.ioUring = old.ioUring.merging(new.ioUring, uniquingKeysWith: unite)
        merged.peers = uniteWatched(old.peers, new.peers)
        merged.addresses = HostAddresses.unite(old.addresses, new.addresses)
        merged.credentials = uniteWatched(old.credentials, new.credentials)
        merged.capabilitiesUsed = uniteWatched(old.capabilitiesUsed, new.capabilitiesUsed)
        merged.executables = old.executables.merging(new.executables, uniquingKeysWith: unite)
        merged.arguments = unite(old.arguments, new.arguments)
        merged.denied = old.denied.merging(new.denied) { $0.merging($1, uniquingKeysWith: unite) }
        merged.decisions = unite(old.decisions, new.decisions)
        merged.probes = ProfileProbe.unite(old.probes, new.probes)
        merged.learning = unite(old, new)
        merged.dropRemoved()
        merged.boundPeers()
        merged.boundCredentials()
        HeldEntries.mark(&merged)
        return (merged, ProfileAdditions(of: merged, against: old))
    }

    /// Orders environments, so that their list does not depend on the order of merging.
    private static func order(_ one: ProfileEnvironment, _ other: ProfileEnvironment) -> Bool {
        [one.kernel, one.runtime ?? "", one.libc ?? ""].lexicographicallyPrecedes(
            [other.kernel, other.runtime ?? "", other.libc ?? ""])
    }
}
