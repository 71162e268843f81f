// SPDX-License-Identifier: Apache-2.0

/// How one profile differs from another, for review: entries that came, went or changed in what they mean. Counts, runs
/// and times are no difference; they change with every epoch.
package struct ProfileDiff: Codable, Equatable, Sendable {
    /// One difference.
    package struct Change: Codable, Equatable, Sendable {
        package enum Kind: String, Codable, Sendable { case added, removed, changed }

        package let kind: Kind
        /// By its `ProfileEntry` name; `probes/COMMAND` for a probe.
        package let entry: String
        /// What the entry is (added, removed), or what is different about it: "phase session added".
        package let details: [String]
    }

    /// Always `ringfence.profile-diff/v1`.
    package private(set) var schema = "ringfence.profile-diff/v1"
    /// The keys of both profiles.
    package let old: String
    package let new: String
    /// By entry.
    package private(set) var changes: [Change] = []

    /// What `new` has otherwise than `old`.
    package init(from old: BehaviourProfile, to new: BehaviourProfile) {
        self.old = old.key
        self.new = new.key
        let before = Self.traits(old)
        let after = Self.traits(new)
        for entry in Set(before.keys).union(after.keys).sorted() {
            switch (before[entry], after[entry]) {
            case (nil, let traits?): changes.append(Change(kind: .added, entry: entry, details: traits.sorted()))
            case (let traits?, nil): changes.append(Change(kind: .removed, entry: entry, details: traits.sorted()))
            case (let one?, let other?) where one != other:
                changes.append(
                    Change(
                        kind: .changed, entry: entry,
                        details: other.subtracting(one).sorted().map { "\($0) added" }
                            + one.subtracting(other).sorted().map { "\($0) removed" }))
            default: break
            }
        }
    }

    /// Whether the two are the same but for counts and times.
    package var isEmpty: Bool { changes.isEmpty }

    /// A line for each difference: `+` added, `-` removed, `~` changed.
    package var lines: [String] {
        changes.map { change in
            let sign =
                switch change.kind {
                case .added: "+"
                case .removed: "-"
                case .changed: "~"
                }
            return "\(sign) \(change.entry)"
                + (change.details.isEmpty ? "" : ": " + change.details.joined(separator: ", "))
        }
    }

    /// The differences as JSON with sorted keys, one a line.
    package func encoded() throws(ProfileError) -> [UInt8] {
        do {
            return try ProfileLayout.encode(self)
        } catch {
            throw ProfileError(
                .write, new, reason: "the differences cannot be expressed in JSON: \(error)",
                remedy: "report this as a bug")
        }
    }

    /// Every entry with what there is to say about it.
    private static func traits(_ profile: BehaviourProfile) -> [String: Set<String>] {
        var all: [String: Set<String>] = [:]
        for (abi, calls) in profile.calls {
            for (name, evidence) in calls { all[ProfileEntry.call(name, abi: abi)] = traits(evidence) }
        }
        for (name, evidence) in profile.ioUring { all[ProfileEntry.ioUring(name)] = traits(evidence) }
        for (name, evidence) in profile.peers ?? [:] { all[ProfileEntry.peer(name)] = traits(evidence) }
        for (name, evidence) in profile.credentials ?? [:] { all[ProfileEntry.credential(name)] = traits(evidence) }
        for (name, evidence) in profile.capabilitiesUsed ?? [:] { all[ProfileEntry.used(name)] = traits(evidence) }
        for (path, evidence) in profile.executables {
            all[ProfileEntry.executable(path)] = Set(
                evidence.phases.map { "phase \($0)" } + (evidence.origins ?? []).map { "file of \($0)" })
            for (parent, edge) in evidence.parents ?? [:] {
                all[ProfileEntry.parent(parent, of: path)] = Set(edge.phases.map { "phase \($0)" })
            }
        }
        for (name, evidence) in profile.arguments {
            for (phase, values) in evidence.values {
                for value in values {
                    all[ProfileEntry.argument(name, value: value), default: []].insert("phase \(phase)")
                }
            }
        }
        for probe in profile.knownProbes {
            all["probes/\(probe.name)"] = Set(
                probe.calls.flatMap { abi, names in names.map { ProfileEntry.call($0, abi: abi) } })
        }
        for (entry, verdict) in profile.verdicts { all[entry, default: []].insert("decision \(verdict.rawValue)") }
        return all
    }

    private static func traits(_ evidence: CallEvidence) -> Set<String> {
        var traits = Set(
            evidence.phases.flatMap { phase, use in
                use.executables.keys.map { "phase \(phase) by \($0)" } + ["phase \(phase)"]
            })
        if evidence.held != nil { traits.insert("held for review") }
        return traits
    }
}
