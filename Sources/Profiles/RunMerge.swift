// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform

/// Joins recordings of several runs, replicas or versions into one profile, each recording once: the order in which they
/// are given, and whether one is given twice or is part of another, make no difference.
package enum RunMerge {
    /// A profile and what people call it.
    package struct Source: Sendable {
        /// The file or key, escaped.
        package let name: String
        package let profile: BehaviourProfile

        package init(name: String, profile: BehaviourProfile) {
            self.name = name
            self.profile = profile
        }
    }

    /// What came of it.
    package struct Result: Sendable {
        package let profile: BehaviourProfile
        /// Sources that are part of another one, or the same: not counted again.
        package let repeated: [String]
    }

    /// Everything that `sources` know, with the evidence added up over the recordings that they are made of.
    ///
    /// - Parameter key: the key of the result; nil if all have the same.
    /// - Throws: when architectures or keys differ, or two sources have a part of their recordings in common: what is
    ///   added up cannot be taken apart.
    package static func merge(_ sources: [Source], key: String? = nil) throws(ProfileError) -> Result {
        var parts: [(source: Source, units: Set<String>)] = []
        for source in sources { parts.append((source, try units(of: source.profile))) }
        // The larger first, so that what is contained in another comes after it.
        parts.sort { ($0.units.count, order($0)) > ($1.units.count, order($1)) }
        var kept: [(source: Source, units: Set<String>)] = []
        var repeated: [String] = []
        for part in parts {
            if kept.contains(where: { part.units.isSubset(of: $0.units) }) {
                repeated.append(part.source.name)
                continue
            }
            if let other = kept.first(where: { !part.units.isDisjoint(with: $0.units) }) {
                throw ProfileError(
                    .merge, part.source.name,
                    reason: "it and \(other.source.name) have some of their recordings in common",
                    remedy: "merge the single recordings instead")
            }
            kept.append(part)
        }
        kept.sort { order($0) < order($1) }
        guard let first = kept.first else {
            throw ProfileError(.merge, "nothing", reason: "no profile was given", remedy: "give one or more")
        }
        var merged = first.source.profile
        for part in kept.dropFirst() {
            do throws(ProfileError) {
                merged = try ProfileMerge.merge(part.source.profile, into: merged, allowDifferentKey: key != nil).merged
            } catch {
                throw ProfileError(
                    .merge, part.source.name, reason: error.reason,
                    remedy: error.subject == part.source.profile.key && part.source.profile.key != merged.key
                        ? "give the key that the result is to have with --as" : error.remedy)
            }
        }
        merged.key = key ?? merged.key
        merged.window.units = kept.reduce(into: Set<String>()) { $0.formUnion($1.units) }.sorted()
        return Result(profile: merged, repeated: repeated.sorted())
    }

    /// The recordings that a profile is made of. One that does not say is one by itself, known by its content.
    static func units(of profile: BehaviourProfile) throws(ProfileError) -> Set<String> {
        if let units = profile.window.units, !units.isEmpty { return Set(units) }
        var hash = SHA256()
        hash.update(try ProfileStore.encode(profile))
        return [hash.digest().prefix(16).map { String($0, radix: 16, digits: 2) }.joined()]
    }

    /// By time, then by what they are: no matter how they were given.
    private static func order(_ part: (source: Source, units: Set<String>)) -> String {
        let window = part.source.profile.window
        let seconds = [window.end, window.start].map { time in
            String(Int64(max(0, time.timeIntervalSince1970)), digits: 19)
        }
        return seconds.joined(separator: " ") + " " + part.units.sorted().joined(separator: " ")
    }
}
