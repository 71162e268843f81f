// SPDX-License-Identifier: Apache-2.0

/// What is sent through the hot path. Raw values are the names in `.ci/budgets`.
enum Replay: String, CaseIterable, Encodable {
    /// Calls of the full trace that the policy allows: judged and counted.
    case callsAllowed = "calls-allowed"
    /// The same, of which one in 100 is not allowed, goes through the ring and is taken out again.
    case callsMixed = "calls-mixed"
    /// Records of every kind in turn, judged and counted.
    case verdicts
    /// The verdict that takes longest: a deviation in another ABI, for which a whole table is looked through.
    case verdictForeign = "verdict-foreign"
    /// Deviations with four ancestors and a path of 24 bytes, judged, counted, copied into the ring and taken out.
    case deviations
    /// The same with eight ancestors and a path of 255 bytes: nothing is longer.
    case deviationsLong = "deviations-long"
    /// The ring alone: records of 128 bytes in and out.
    case ring128 = "ring-128"

    /// Instructions a record that are aimed at, to the verdict; nil where a record goes on to the writer thread, which
    /// happens once a second for an executable and a call, or where none is judged.
    var target: Double? {
        switch self {
        case .callsAllowed, .callsMixed, .verdicts, .verdictForeign: 150
        case .deviations, .deviationsLong, .ring128: nil
        }
    }

    /// Whether the kernel's first ring carries it.
    var isRecord: Bool {
        switch self {
        case .verdicts, .verdictForeign, .deviations, .deviationsLong: true
        case .callsAllowed, .callsMixed, .ring128: false
        }
    }

    /// In a table.
    var title: String {
        switch self {
        case .callsAllowed: "call of the full trace, allowed"
        case .callsMixed: "call of the full trace, 1 in 100 not allowed"
        case .verdicts: "record of any kind, to its verdict"
        case .verdictForeign: "the longest of them: another ABI's call"
        case .deviations: "deviation, judged, pushed and taken"
        case .deviationsLong: "the longest of them: 696 bytes"
        case .ring128: "ring alone, pushed and taken (128 bytes)"
        }
    }
}
