// SPDX-License-Identifier: Apache-2.0
import Detection

/// How urgent an alert is. Ordered.
package enum Severity: String, Codable, Sendable, CaseIterable, Comparable {
    case notice
    case warning
    case critical

    private var rank: Int {
        switch self {
        case .notice: 0
        case .warning: 1
        case .critical: 2
        }
    }

    /// The priority that journald gives a line with this prefix, sd-daemon(3): 2 critical, 4 warning, 5 notice.
    package var journalPriority: Int {
        switch self {
        case .notice: 5
        case .warning: 4
        case .critical: 2
        }
    }

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    /// What a score means for a profile that is ready, see `Score.level`.
    package init(score: Double) {
        self =
            switch Score.level(score, isReady: true) {
            case .notice: .notice
            case .warning: .warning
            case .critical: .critical
            }
    }
}
