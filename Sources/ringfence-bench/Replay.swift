// SPDX-License-Identifier: Apache-2.0

/// What is sent through the hot path. Raw values are the names in `.ci/budgets`.
enum Replay: String, CaseIterable, Encodable {
    /// Calls of the full trace that the policy allows: judged and counted.
    case callsAllowed = "calls-allowed"
    /// The same, of which one in 100 is not allowed, goes through the ring and is taken out again.
    case callsMixed = "calls-mixed"
    /// Deviations as the kernel sends them, each through the ring and out again.
    case deviations
    /// The ring alone: records of 128 bytes in and out.
    case ring128 = "ring-128"

    /// Instructions a record that are aimed at. A deviation's 688 bytes cost 100 to copy, and it comes once a second.
    var target: Double { self == .deviations ? 350 : 150 }

    /// In a table.
    var title: String {
        switch self {
        case .callsAllowed: "call of the full trace, allowed"
        case .callsMixed: "call of the full trace, 1 in 100 not allowed"
        case .deviations: "deviation, judged, pushed and taken (688 bytes)"
        case .ring128: "ring alone, pushed and taken (128 bytes)"
        }
    }
}
