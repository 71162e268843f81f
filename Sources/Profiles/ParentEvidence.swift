// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

/// Why an executable is known to have executed another one.
package struct ParentEvidence: Codable, Equatable, Sendable {
    /// The most parents of one executable that are kept by name; those beyond are "(other)", and it may be anyone's child.
    package static let limit = 64

    /// In how many runs it was seen.
    package var runs: Int
    /// In whole seconds; `last` is the end of the last run with it.
    package var first: Date
    package var last: Date
    /// Phases it was seen in, by `Phase.name`, sorted.
    package var phases: [String]

    /// Evidence of one parent.
    package init(runs: Int = 1, first: Date, last: Date, phases: [String]) {
        self.runs = runs
        self.first = first
        self.last = last
        self.phases = phases
    }

    /// Parents under other names; those that get the same one are one, seen in as many runs as the one that was seen most.
    static func folded(
        _ parents: [String: ParentEvidence], _ name: (String) -> String
    ) -> [String: ParentEvidence] {
        Dictionary(parents.map { (name($0.key), $0.value) }) { one, other in
            var both = ProfileMerge.unite(one, other)
            both.runs = max(one.runs, other.runs)
            return both
        }
    }
}
