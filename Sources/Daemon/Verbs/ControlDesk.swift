// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials

/// What the control thread keeps for answering questions.
struct ControlDesk {
    /// The newest alerts.
    var recent: RecentAlerts
    /// Gives out metrics; nil if none are configured, or they cannot be given out.
    var metrics: MetricsServer?
    /// Why the metrics that are configured are not given out.
    var metricsProblem: String?
    /// When something that people allowed ends next.
    var nextExpiry: Date?
    /// Readings of the configuration since the start that were taken, and those that were refused.
    var reloads: UInt64 = 0
    var refusedReloads: UInt64 = 0
}
