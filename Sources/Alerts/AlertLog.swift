// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// Reads the daemon's store of alerts, rotated files too, whether the daemon runs or not. Memory is bounded by
/// `limit` alerts and one line, however large the files are.
package struct AlertLog: Sendable {
    /// A line that is no alert.
    package struct Skipped: Equatable, Sendable, CustomStringConvertible {
        package let path: String
        /// From 1.
        package let line: Int
        package let reason: String

        package var description: String { "\(path), line \(line): \(reason)" }
    }

    /// What was found.
    package struct Result: Sendable {
        /// The latest revision of each incident, in the order of the last finding.
        package var alerts: [Alert] = []
        /// At most 100; the rest are counted in `skippedMore`.
        package var skipped: [Skipped] = []
        package var skippedMore = 0
        /// Incidents that were left out because there were more than the limit: the oldest.
        package var omitted = 0
        /// Where the newest file ends, to follow from.
        package var position = FollowPosition()

        /// Nothing so far.
        package init() {}
    }

    private static let rotatedLimit = 1000

    let path: String
    private let limit: Int

    /// The store at `path`, of which at most `limit` incidents are wanted at a time, the newest.
    package init(path: String, limit: Int = 10_000) {
        self.path = path
        self.limit = max(1, limit)
    }

    /// The alerts that match. A store that does not exist is an error, one that is empty is not.
    package func read(_ filter: AlertFilter = AlertFilter()) throws(AlertsError) -> Result {
        var result = Result()
        var latest: [String: Alert] = [:]
        try eachAlert(into: &result, since: filter.since) { alert in
            // A later revision may match although the first does not, and the other way round: the filter comes last.
            if let known = latest[alert.id], known.revision > alert.revision { return 0 }
            latest[alert.id] = alert
            return latest.count > 2 * limit ? Self.trim(&latest, to: limit) : 0
        }
        let matching = latest.values.filter(filter.matches)
        result.alerts = matching.sorted(by: Self.isEarlier)
        if result.alerts.count > limit {
            result.omitted += result.alerts.count - limit
            result.alerts.removeFirst(result.alerts.count - limit)
        }
        return result
    }

    /// The latest revision of the one incident whose id begins with `prefix`.
    package func find(_ prefix: String) throws(AlertsError) -> Alert {
        let wanted = prefix.lowercased()
        let shown = HostileText.escaped(prefix)
        var found: [String: Alert] = [:]
        var result = Result()
        // Decoding is what costs: it is done only for lines that hold the id somewhere.
        try eachAlert(into: &result, holding: Array("\"\(wanted)".utf8)) { alert in
            guard !wanted.isEmpty, alert.id.hasPrefix(wanted), found.count < 100 || found[alert.id] != nil else {
                return 0
            }
            if let known = found[alert.id], known.revision > alert.revision { return 0 }
            found[alert.id] = alert
            return 0
        }
        if let exact = found[wanted] { return exact }
        guard let alert = found.values.first else {
            throw AlertsError(
                .find, "the alert \(shown)", reason: "none of that id is in \(path)",
                remedy: "list the ids with `ringfence alerts`")
        }
        guard found.count == 1 else {
            let ids = found.keys.sorted().prefix(5).joined(separator: ", ")
            throw AlertsError(
                .find, "the alert \(shown)", reason: "several begin like that: \(ids)", remedy: "give more of the id")
        }
        return alert
    }

    /// Calls `body` with each alert, oldest file first; it returns how many alerts it gave up.
    /// Lines without `holding` need not be looked at.
    private func eachAlert(
        into result: inout Result, holding: [UInt8] = [], since: WallTime? = nil, _ body: (Alert) -> Int
    ) throws(AlertsError) {
        for var file in try open() {
            // Nothing was written to it since, by a clock that may have been set a little.
            if let since, file.modified.advanced(byMilliseconds: 3_600_000) < since, file.path != path { continue }
            while let line = file.next() {
                switch line {
                case .line(let bytes):
                    guard !bytes.isEmpty, holding.isEmpty || bytes.contains(holding) else { continue }
                    if let alert = Alert(line: bytes) {
                        result.omitted += body(alert)
                    } else {
                        Self.skip(file, reason: "it is no \(Alert.schema) line", into: &result)
                    }
                case .tooLong: Self.skip(file, reason: "it is longer than any alert", into: &result)
                case .torn(let bytes):
                    // The writer may be within it; a whole alert that lacks its line feed is one all the same.
                    if let alert = Alert(line: bytes) {
                        result.omitted += body(alert)
                    } else {
                        Self.skip(file, reason: "it is torn: its writer was stopped within it", into: &result)
                    }
                }
            }
            if let errno = file.failure {
                throw AlertsError(
                    .read, file.path, reason: SystemError.message(errno), remedy: "check the disk", errno: errno)
            }
            result.position = file.position
        }
    }

    private static func skip(_ file: LineReader, reason: String, into result: inout Result) {
        if result.skipped.count < 100 {
            result.skipped.append(Skipped(path: file.path, line: file.lineNumber, reason: reason))
        } else {
            result.skippedMore += 1
        }
    }

    /// The files, oldest first. They are opened from the newest on: whatever is rotated meanwhile is met twice, which the
    /// inode tells, and never missed.
    private func open() throws(AlertsError) -> [LineReader] {
        var readers: [LineReader] = []
        do throws(SystemError) {
            readers.append(try LineReader(path: path, lineLimit: Alert.lineLimit))
        } catch {
            guard error.errno == ENOENT, FileTree.exists("\(path).1") else { throw Self.failure(error, path) }
        }
        for number in 1...Self.rotatedLimit {
            do throws(SystemError) {
                readers.append(try LineReader(path: "\(path).\(number)", lineLimit: Alert.lineLimit))
            } catch {
                // A rotation that was cut short leaves a hole of one.
                if error.errno == ENOENT {
                    guard FileTree.exists("\(path).\(number + 1)") else { break }
                    continue
                }
                throw Self.failure(error, "\(path).\(number)")
            }
        }
        var seen: Set<UInt64> = []
        return readers.filter { seen.insert($0.position.inode).inserted }.reversed()
    }

    private static func failure(_ error: SystemError, _ path: String) -> AlertsError {
        let remedy =
            switch error.errno {
            case ENOENT: "start ringfenced, or name the store it writes to"
            case EACCES: "run as root or as a member of the group ringfence"
            default: "check the file"
            }
        return AlertsError(
            .read, path, reason: SystemError.message(error.errno), remedy: remedy, errno: error.errno)
    }

    /// Keeps the newest.
    private static func trim(_ alerts: inout [String: Alert], to limit: Int) -> Int {
        let surplus = alerts.values.sorted(by: isEarlier).prefix(max(0, alerts.count - limit))
        for alert in surplus { alerts[alert.id] = nil }
        return surplus.count
    }

    private static func isEarlier(_ left: Alert, _ right: Alert) -> Bool {
        (left.last.wall, left.last.bootNanoseconds, left.id) < (right.last.wall, right.last.bootNanoseconds, right.id)
    }
}
