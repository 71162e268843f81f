// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform

/// One line of the audit: something that was done to the machine's watching, or by it.
///
/// On disk it is one line of JSON with sorted keys whose last key is `hash`: SHA-256 of every byte of the line before
/// `,"hash":`. `previous` is the hash of the record before, so a change of any byte breaks the chain.
package struct AuditRecord: Codable, Equatable, Sendable {
    /// The format's name.
    package static let schema = "ringfence.audit/v1"
    /// What the first record has for the hash of the one before.
    static let origin = String(repeating: "0", count: 64)
    /// The verb of a record that stands for a line that its writer could not finish.
    package static let repair = "repair"
    /// The verb of a record that says which records before it are missing.
    package static let cut = "cut"
    /// The longest line that is taken for a record, in bytes.
    static let lineLimit = 64 * 1024

    private static let mark = Array(",\"hash\":\"".utf8)

    package var schema = Self.schema
    /// From 1, without gaps.
    package var sequence: UInt64
    package var time: WallTime
    /// The user id that asked for it; nil if the daemon did it by itself.
    package var actor: UInt32?
    /// What was done: "allow", "start", "reload".
    package var verb: String
    /// What to: a container, a profile, a file. Escaped.
    package var subject: String
    /// In the words of the actor; escaped.
    package var reason: String
    package var previous: String

    /// The line with its line feed, and its hash.
    func line() throws(AlertsError) -> (bytes: [UInt8], hash: String) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let object = try? encoder.encode(self) else {
            throw AlertsError(
                .encode, "audit record \(sequence)", reason: "JSON cannot hold it", remedy: "report it as a bug")
        }
        let body = Array(object.dropLast())
        let hash = SHA256.hexadecimal(of: body)
        return (body + Self.mark + Array(hash.utf8) + Array("\"}\n".utf8), hash)
    }

    /// Reads a line without its line feed; nil if it is no record or its hash is not that of its bytes.
    static func read(_ line: [UInt8]) -> (record: AuditRecord, hash: String)? {
        let tail = mark.count + 64 + 2
        guard line.count > tail, line.count <= lineLimit, line.suffix(2).elementsEqual("\"}".utf8) else { return nil }
        let body = line[..<(line.count - tail)]
        guard line[body.endIndex..<(body.endIndex + mark.count)].elementsEqual(mark) else { return nil }
        let hash = SHA256.hexadecimal(of: body)
        guard line[(body.endIndex + mark.count)..<(line.count - 2)].elementsEqual(hash.utf8),
            let record = try? JSONDecoder().decode(AuditRecord.self, from: Data(body + [UInt8(ascii: "}")])),
            record.schema == schema
        else { return nil }
        return (record, hash)
    }

    /// Whether a line ends as records do; it may still have been changed.
    static func isWhole(_ line: [UInt8]) -> Bool {
        let tail = mark.count + 64 + 2
        return line.count > tail && line.dropLast(66).suffix(mark.count).elementsEqual(mark)
    }

    /// What a repair record says of the line before it: how long it is and its SHA-256.
    static func tornSubject(_ bytes: [UInt8]) -> String {
        "torn line of \(bytes.count) bytes, sha256 \(SHA256.hexadecimal(of: bytes))"
    }
}
