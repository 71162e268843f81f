// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
package import Profiles

/// A generated seccomp profile, with the reason for everything in it and for everything left out.
package struct GeneratedProfile: Sendable {
    /// A call that was made and is not allowed.
    package struct LeftOut: Codable, Equatable, Sendable {
        /// A call, `socket:FAMILY` or `clone:FLAG`: what `--accept` takes.
        package var call: String
        package var tier: NeverAllow.Tier
        package var reason: String
        /// The executables that made it, sorted; empty where an argument's values tell no executable.
        package var who: [String]
    }

    /// A call of the never-allow list that is allowed because somebody said so.
    package struct Accepted: Codable, Equatable, Sendable {
        package var call: String
        package var reason: String
    }

    /// A learned call that the filter answers with ENOSYS, and what was allowed in its place.
    package struct Fallback: Codable, Equatable, Sendable {
        package var call: String
        package var instead: [String]
    }

    /// What the base of the profile was, and how the two differ.
    package struct BaseReport: Codable, Equatable, Sendable {
        /// A call (or clone:FLAG) that was made and that the base denies.
        package struct Outside: Codable, Equatable, Sendable {
            package var call: String
            /// The executables that made it, sorted.
            package var who: [String]
        }

        package var name: String
        /// How many calls of the machine the base lets pass.
        package var allowed: Int
        /// Those of them that the profile does not, sorted.
        package var superfluous: [String]
        /// By name.
        package var outside: [Outside]
    }

    /// Why one call is allowed, and who used it.
    package struct Call: Codable, Equatable, Sendable {
        package var call: String
        /// `learned`, `runtime (observed)`, `runtime (list)`, `always`, `fallback of NAME`, `near NAME: WHY`, `probe: COMMAND`
        /// for what a health check did; sorted.
        package var sources: [String]
        /// ABI names it was seen in, sorted.
        package var abis: [String] = []
        /// Phases it was seen in, by name, sorted.
        package var phases: [String] = []
        /// Path and count (0: not counted) of the executables of those phases.
        package var executables: [String: UInt64] = [:]
        /// The largest number of runs in one phase; 0 if it was never seen.
        package var runs = 0
        package var first: Date?
        package var last: Date?
    }

    /// The evidence report beside the profile; JSON cannot hold comments.
    package struct Evidence: Codable, Equatable, Sendable {
        package var schema = "ringfence.seccomp-evidence/v1"
        /// The behaviour profile's key.
        package var key: String
        package var architecture: String
        package var environments: [ProfileEnvironment]
        package var digests: [String]
        package var runs: Int
        /// The behaviour profile's reasons for missing facts.
        package var partial: [String]
        package var libseccomp: String
        /// Every allowed call, by name.
        package var calls: [Call]
        package var leftOut: [LeftOut]
        package var accepted: [Accepted]
        package var fallbacks: [Fallback]
        package var notes: [String]
        /// Nil if there was none.
        package var base: BaseReport?
    }

    /// The profile for the runtime.
    package var oci: OCISeccompProfile
    /// Whether it is for a container with no_new_privs.
    package var noNewPrivileges: Bool
    package var evidence: Evidence
    /// What the learned calls are, without the runtime's and the constant ones; sorted.
    package var learned: [String]
    /// Calls that are allowed because they are near a learned one, sorted.
    package var widened: [String]
    /// The runtime's needs, sorted; empty if omitted.
    package var runtimeNeeds: [String]
    /// Whether the needs were seen (and completed), or come from the list alone.
    package var runtimeNeedsObserved: Bool
    /// The constant set, sorted.
    package var alwaysAllowed: [String]
    /// Allowed calls of tier 2, sorted.
    package var flagged: [String]
    /// What was made and is not allowed, by tier and name.
    package var leftOut: [LeftOut] { evidence.leftOut }
    package var accepted: [Accepted] { evidence.accepted }
    package var fallbacks: [Fallback] { evidence.fallbacks }
    /// One sentence each: argument rules, 32-bit findings, calls without a name.
    package var notes: [String] { evidence.notes }
    /// False if the recorded run would be refused something: the tool's exit status is then 1.
    package var allowsEverythingSeen: Bool { leftOut.isEmpty && evidence.base?.outside.isEmpty != false }

    /// The evidence report as a file.
    package func encodedEvidence() throws(SeccompError) -> Data {
        try JSONOutput.encode(evidence, subject: "the evidence report")
    }
}
