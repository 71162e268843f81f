// SPDX-License-Identifier: Apache-2.0
import Platform

/// What a reading of the whole audit found.
package struct AuditVerification: Equatable, Sendable {
    /// What is wrong with a line.
    package struct Flaw: Equatable, Sendable, CustomStringConvertible {
        /// From 1.
        package let line: Int
        package let reason: String

        package var description: String { "line \(line): \(reason)" }
    }

    /// Records that are as they were written.
    package private(set) var records: UInt64 = 0
    /// Torn lines that a repair record accounts for.
    package private(set) var repairs = 0
    /// The first line that is not what was written; what follows it was not looked at.
    package private(set) var firstFlaw: Flaw?
    /// Set if records that were there are missing at the end, as far as the head beside the file tells.
    package private(set) var missingTail: String?
    /// The last line has no line feed: a writer is within it or was stopped there. The next start repairs it.
    package private(set) var endsTorn = false

    /// Whether every record is there and unchanged.
    package var isIntact: Bool { firstFlaw == nil && missingTail == nil }

    /// Reads the audit at `path`, in bounded memory, and calls `body` with every good record before the first flaw.
    package init(path: String, _ body: (AuditRecord) -> Void = { _ in }) throws(AlertsError) {
        let head = try AuditHead(besides: path)
        var reader: LineReader
        do throws(SystemError) {
            reader = try LineReader(path: path, lineLimit: AuditRecord.lineLimit)
        } catch {
            throw AlertsError(
                .read, path, reason: SystemError.message(error.errno), remedy: "run as root, and check the path",
                errno: error.errno)
        }
        var previous = AuditRecord.origin
        // Lines that are no records, until the record after them has accounted for them; their first line.
        var torn: (bytes: [UInt8], line: Int)?
        var isHeadMet = head == nil
        while firstFlaw == nil, let next = reader.next() {
            let number = reader.lineNumber
            let bytes: [UInt8]
            switch next {
            case .line(let line): bytes = line
            case .tooLong:
                firstFlaw = Flaw(line: number, reason: "it is longer than any record")
                continue
            case .torn(let rest):
                endsTorn = true
                bytes = rest
            }
            guard let read = AuditRecord.read(bytes) else {
                torn = torn.map { ($0.bytes + [0x0A] + bytes, $0.line) } ?? (bytes, number)
                let isTooLong = (torn?.bytes.count ?? 0) > AuditRecord.lineLimit
                if isTooLong { firstFlaw = Flaw(line: torn?.line ?? number, reason: Self.changed) }
                continue
            }
            check(read.record, number, previous, torn)
            guard firstFlaw == nil else { continue }
            if torn != nil { repairs += 1 }
            torn = nil
            records += 1
            previous = read.hash
            if read.record.verb == AuditRecord.cut { missingTail = missingTail ?? read.record.subject }
            if let head, head.sequence == read.record.sequence { isHeadMet = head.hash == read.hash }
            body(read.record)
        }
        if firstFlaw == nil, let torn, !endsTorn { firstFlaw = Flaw(line: torn.line, reason: Self.changed) }
        if let errno = reader.failure {
            throw AlertsError(.read, path, reason: SystemError.message(errno), remedy: "check the disk", errno: errno)
        }
        guard firstFlaw == nil, !isHeadMet, let head else { return }
        missingTail =
            missingTail ?? head.missing(after: records, hash: previous)
            ?? "record \(head.sequence) is not the one that was written"
    }

    private static let changed = "it is no record, or its hash is not that of its bytes: it was changed"

    private mutating func check(
        _ record: AuditRecord, _ line: Int, _ previous: String, _ torn: (bytes: [UInt8], line: Int)?
    ) {
        if let torn, record.verb != AuditRecord.repair || record.subject != AuditRecord.tornSubject(torn.bytes) {
            firstFlaw = Flaw(line: torn.line, reason: Self.changed)
        } else if record.sequence != records + 1 {
            firstFlaw = Flaw(line: line, reason: "it is record \(record.sequence), not \(records + 1)")
        } else if record.previous != previous {
            firstFlaw = Flaw(line: line, reason: "it does not follow the record before it")
        }
    }
}
