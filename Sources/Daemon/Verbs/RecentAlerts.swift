// SPDX-License-Identifier: Apache-2.0
import Alerts
import FoundationEssentials
import Platform

/// The newest alerts, in memory, so that no question about them has to read the file: the latest revision of each incident,
/// bounded in number and bytes. Control thread.
struct RecentAlerts {
    private struct Entry {
        var alert: Alert
        var line: [UInt8]
    }

    /// Incidents, and bytes of their lines.
    static let limit = 1024
    private static let byteLimit = 8 << 20
    /// How much of the end of the file is read at the start, in bytes.
    private static let tailLimit = 1 << 20
    /// Containers whose last alert is remembered.
    private static let containerLimit = 8192

    private var entries: [String: Entry] = [:]
    /// Ids in the order of their latest revision, those that were overtaken included.
    private var order: [(id: String, revision: Int)] = []
    private var bytes = 0
    /// When each container had its last alert, by its id.
    private(set) var lastOfContainer: [String: WallTime] = [:]
    /// Announcements since the daemon's start, by severity.
    private(set) var announced: [Severity: UInt64] = [:]

    /// What the end of the file at `path` has; nothing if it cannot be read.
    init(path: String) {
        guard FileTree.exists(path), let file = try? LineFile(opening: path),
            let tail = try? file.bytes(from: max(0, file.length - Self.tailLimit), limit: Self.tailLimit)
        else { return }
        for line in tail.split(separator: 0x0A) where line.first == UInt8(ascii: "{") {
            if let alert = Alert(line: line) { keep(alert, Array(line)) }
        }
    }

    /// Takes one announcement: the alert, if it is one, and its line without the line feed.
    mutating func add(_ line: [UInt8]) -> Alert? {
        guard let alert = Alert(line: line) else { return nil }
        announced[alert.severity, default: 0] += 1
        keep(alert, line)
        return alert
    }

    /// The latest revision of each incident, in the order of their latest revisions.
    var all: [(alert: Alert, line: [UInt8])] {
        order.compactMap { place in
            guard let entry = entries[place.id], entry.alert.revision == place.revision else { return nil }
            return (entry.alert, entry.line)
        }
    }

    /// Incidents whose id begins with `prefix`.
    func find(_ prefix: String) -> [Alert] {
        if let exact = entries[prefix] { return [exact.alert] }
        return entries.values.filter { $0.alert.id.hasPrefix(prefix) }.map(\.alert)
    }

    private mutating func keep(_ alert: Alert, _ line: [UInt8]) {
        if let known = entries[alert.id] {
            guard alert.revision > known.alert.revision else { return }
            bytes -= known.line.count
        }
        entries[alert.id] = Entry(alert: alert, line: line)
        order.append((alert.id, alert.revision))
        bytes += line.count
        if lastOfContainer.count < Self.containerLimit || lastOfContainer[alert.container.id] != nil {
            lastOfContainer[alert.container.id] = alert.last.wall
        }
        while entries.count > Self.limit || bytes > Self.byteLimit || order.count > 4 * Self.limit, !order.isEmpty {
            let oldest = order.removeFirst()
            guard let entry = entries[oldest.id], entry.alert.revision == oldest.revision else { continue }
            bytes -= entry.line.count
            entries[oldest.id] = nil
        }
    }

    /// Forgets containers that are gone, where there are many.
    mutating func forgetContainers(but present: Set<String>) {
        guard lastOfContainer.count >= Self.containerLimit else { return }
        lastOfContainer = lastOfContainer.filter { present.contains($0.key) }
    }
}
