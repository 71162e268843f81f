// SPDX-License-Identifier: Apache-2.0

/// An alert as one line for people.
package struct CompactRendering: Sendable {
    private let color: Bool

    /// Colour is for terminals: ask for it.
    package init(color: Bool) { self.color = color }

    /// Time (UTC), severity, container, what, who, parents, count, id; without line feed. Everything is escaped: an alert
    /// that was read from a file may hold anything.
    package func line(_ alert: Alert) -> String {
        var parts = [
            paint(String(alert.last.wall.time.prefix(8)), "2"),
            paint(Self.padded(alert.severity.rawValue, 8), Self.paint(for: alert.severity)),
            paint(SafeText.of(alert.container.name, limit: 64), "1"),
            SafeText.of(alert.isTest == true ? "TEST: \(alert.what)" : alert.what, limit: 512),
        ]
        if let process = alert.process {
            var parents = process.ancestry.prefix(3).map { SafeText.of($0.comm, limit: 64) }.reversed().joined(
                separator: ">")
            if process.ancestry.count > 3 { parents = "..>" + parents }
            if !parents.isEmpty { parts.append(paint("(\(parents)>\(SafeText.of(process.comm, limit: 64)))", "2")) }
        }
        let others = alert.items.count + alert.itemsOmitted - 1
        if others > 0 { parts.append("+\(others) more") }
        if alert.count > 1 { parts.append("x\(alert.count)") }
        if alert.profile?.isReady == false { parts.append("[learning]") }
        if !alert.losses.isNone { parts.append("[losses]") }
        parts.append(paint(SafeText.of(alert.id, limit: 32), "36"))
        return parts.joined(separator: " ")
    }

    private static func paint(for severity: Severity) -> String {
        switch severity {
        case .critical: "1;31"
        case .warning: "33"
        case .notice: "32"
        }
    }

    private func paint(_ text: String, _ code: String) -> String { color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
