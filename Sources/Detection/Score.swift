// SPDX-License-Identifier: Apache-2.0

/// How grave the novelties of one container are together. Pure functions: the writer thread keeps a `ScoreWindow` for each
/// container.
package enum Score {
    /// What a sum amounts to, least first.
    package enum Level: Int, Sendable, Comparable, CaseIterable {
        case notice
        case warning
        case critical

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// Sums from which a level is reached.
    package static let criticalFrom = 6.0
    package static let warningFrom = 3.0
    /// How long an item counts after it was last seen.
    package static let windowNanoseconds: UInt64 = 60_000_000_000

    /// What one new item adds: its class's weight times the profile's maturity.
    package static func points(_ callClass: CallClass, maturity: Double) -> Double {
        callClass.weight * min(1, max(0, maturity.isNaN ? 0 : maturity))
    }

    /// The level of a sum. A profile that is not ready raises low alerts only.
    package static func level(_ sum: Double, isReady: Bool) -> Level {
        guard isReady else { return .notice }
        if sum >= criticalFrom { return .critical }
        return sum >= warningFrom ? .warning : .notice
    }
}
