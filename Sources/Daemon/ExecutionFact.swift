// SPDX-License-Identifier: Apache-2.0
import Events
import Sensor

/// An entry of the kernel's tables of executions and credentials, which are looked at together.
enum ExecutionFact {
    /// One executable has executed another.
    case edge(EdgeSnapshot)
    /// Processes were seen with these credentials.
    case credentials(CredentialSnapshot)

    /// The slot of its cgroup.
    var slot: UInt32 {
        switch self {
        case .edge(let edge): edge.slot
        case .credentials(let seen): seen.slot
        }
    }

    /// Whether it is compared with the profile: who executes what in an exec session is not.
    var isJudged: Bool {
        switch self {
        case .edge(let edge): !edge.isSession
        case .credentials: true
        }
    }

    /// When it was done first, nanoseconds of CLOCK_BOOTTIME.
    var firstNanoseconds: UInt64 {
        switch self {
        case .edge(let edge): edge.firstNanoseconds
        case .credentials(let seen): seen.firstNanoseconds
        }
    }

    /// When it was done last, nanoseconds of CLOCK_BOOTTIME.
    var lastNanoseconds: UInt64 {
        switch self {
        case .edge(let edge): edge.lastNanoseconds
        case .credentials(let seen): seen.lastNanoseconds
        }
    }

    /// All of both tables, in no order within each.
    static func all(_ edges: [EdgeSnapshot], _ credentials: [CredentialSnapshot]) -> [ExecutionFact] {
        edges.map(Self.edge) + credentials.map(Self.credentials)
    }
}
