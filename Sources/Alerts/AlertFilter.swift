// SPDX-License-Identifier: Apache-2.0
package import Platform

/// Which alerts are asked for; what is nil does not matter.
package struct AlertFilter: Sendable {
    /// Incidents with something new at or after this time.
    package var since: WallTime?
    /// Matches the whole of the name, the workload or the id; see `setContainer`.
    package var container: GlobPattern?
    package var minimumSeverity: Severity?
    /// Incidents that have an item of this rule, not only those it leads.
    package var rule: AlertRule?
    private var idPrefix: String?

    /// All alerts.
    package init() {}

    /// Asks for a container as people name it: a name, a glob, an id or its beginning (at least 6 digits).
    package mutating func setContainer(_ text: String) {
        let pattern = GlobPattern(text)
        container = pattern
        idPrefix = !pattern.isGlob && text.utf8.count >= 6 ? text : nil
    }

    /// Whether `alert` is asked for.
    package func matches(_ alert: Alert) -> Bool {
        if let since, alert.last.wall < since { return false }
        if let minimumSeverity, alert.severity < minimumSeverity { return false }
        if let rule, alert.rule != rule, !alert.items.contains(where: { $0.rule == rule }) { return false }
        guard let container else { return true }
        let subject = alert.container
        if let idPrefix, subject.id.hasPrefix(idPrefix) { return true }
        return container.matches(subject.name) || container.matches(subject.id)
            || subject.workload.map { container.matches($0) } ?? false
    }
}
