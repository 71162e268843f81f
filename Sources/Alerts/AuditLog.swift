// SPDX-License-Identifier: Apache-2.0
import Platform

/// The append-only, hash-chained record of who did what: admin verbs, reloads, starts of the daemon and of containers.
///
/// Whoever can write the file can make a new chain of it: the chain finds changes by accident, by an editor and by anyone
/// who does not rewrite all that follows. Send the alerts elsewhere where more is needed. It is never rotated.
package struct AuditLog: ~Copyable {
    /// How much of the end is looked at when the log is opened, in bytes.
    private static let tailLimit = 256 * 1024

    /// Where the log is.
    package let path: String
    /// The sequence number of the last record; 0 if there is none.
    package private(set) var sequence: UInt64
    private var hash: String
    private var file: LineFile
    private var durable: AuditHead?

    /// Opens or creates the log. What a crash left torn at its end stays as it is, ended by a line feed, and a record with
    /// the verb `repair` that names its length and hash follows it. If records are missing at the end, as far as the head
    /// beside the file tells, a record with the verb `cut` says which.
    package static func open(path: String, now: WallTime) throws(AlertsError) -> AuditLog {
        let file = try open(path)
        let end = try Self.end(of: file)
        let head = try AuditHead(besides: path)
        var log = AuditLog(file: file, sequence: end.sequence, hash: end.hash, durable: head)
        let missing = head.flatMap { $0.missing(after: end.sequence, hash: end.hash) }
        try log.repairTornEnd(now: now)
        if let missing { try log.append(verb: AuditRecord.cut, subject: missing, actor: nil, now: now) }
        return log
    }

    private init(file: consuming LineFile, sequence: UInt64, hash: String, durable: AuditHead?) {
        path = file.path
        self.sequence = sequence
        self.hash = hash
        self.durable = durable
        self.file = file
    }

    private static func open(_ path: String) throws(AlertsError) -> LineFile {
        do throws(SystemError) {
            return try LineFile(opening: path)
        } catch {
            throw AlertsError(
                .open, path, reason: SystemError.message(error.errno), remedy: "check the directory and its disk",
                errno: error.errno)
        }
    }

    /// The last good record, and the bytes after it if they are torn.
    private static func end(
        of file: borrowing LineFile
    ) throws(AlertsError) -> (sequence: UInt64, hash: String, torn: [UInt8]) {
        let tail: [UInt8]
        do throws(SystemError) {
            tail = try file.bytes(from: max(0, file.length - tailLimit), limit: tailLimit)
        } catch {
            throw AlertsError(
                .read, file.path, reason: SystemError.message(error.errno), remedy: "check the disk",
                errno: error.errno)
        }
        let lines = tail.split(separator: 0x0A, omittingEmptySubsequences: false)
        for index in lines.indices.reversed() {
            guard let last = AuditRecord.read(Array(lines[index])) else { continue }
            // The last record itself, if all that it lacks is its line feed.
            let torn = lines[min(index + 1, lines.count - 1)...].joined(separator: [0x0A])
            return (last.record.sequence, last.hash, Array(torn))
        }
        guard file.length == 0 || (file.isTorn && file.length <= AuditRecord.lineLimit) else {
            throw AlertsError(
                .open, file.path, reason: "no record is found at its end",
                remedy: "move it away for evidence; a new one is begun")
        }
        return (0, AuditRecord.origin, tail)
    }

    private mutating func repairTornEnd(now: WallTime) throws(AlertsError) {
        guard file.isTorn else { return }
        let torn = try Self.end(of: file).torn
        try write(
            verb: AuditRecord.repair, subject: AuditRecord.tornSubject(torn),
            reason: "the writer was stopped within the line before", actor: nil, now: now)
    }

    /// Appends a record and returns its sequence number. It survives the daemon at once; a power cut once `flush` has
    /// returned. On an error nothing was appended.
    @discardableResult
    package mutating func append(
        verb: String, subject: String, reason: String = "", actor: UInt32?, now: WallTime
    ) throws(AlertsError) -> UInt64 {
        // An append that failed and could not be taken back, on a full disk say.
        try repairTornEnd(now: now)
        return try write(verb: verb, subject: subject, reason: reason, actor: actor, now: now)
    }

    @discardableResult
    private mutating func write(
        verb: String, subject: String, reason: String, actor: UInt32?, now: WallTime
    ) throws(AlertsError) -> UInt64 {
        let record = AuditRecord(
            sequence: sequence + 1, time: now, actor: actor, verb: SafeText.of(verb, limit: 64),
            subject: SafeText.of(subject, limit: 4096), reason: SafeText.of(reason, limit: 4096), previous: hash)
        let line = try record.line()
        do throws(SystemError) {
            try file.append(line.bytes)
        } catch {
            throw AlertsError(
                .append, path, reason: SystemError.message(error.errno), remedy: "make room on the disk",
                errno: error.errno)
        }
        sequence = record.sequence
        hash = line.hash
        return sequence
    }

    /// Whether something was appended since the last `flush`.
    package var needsFlush: Bool { sequence > 0 && durable != AuditHead(sequence: sequence, hash: hash) }

    /// Makes what was appended survive a power cut, and its end known: fdatasync(2), then the head beside it. Costs two
    /// writes to the disk: after each admin verb, and once a second for the rest.
    package mutating func flush() throws(AlertsError) {
        guard needsFlush else { return }
        let head = AuditHead(sequence: sequence, hash: hash)
        do throws(SystemError) {
            try file.flush()
            try head.write(besides: path)
        } catch {
            throw AlertsError(
                .append, path, reason: SystemError.message(error.errno), remedy: "make room on the disk",
                errno: error.errno)
        }
        durable = head
    }
}
