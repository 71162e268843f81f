// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform

/// The last record that was made durable, in a small file beside the audit: a chain alone cannot tell that its end is
/// missing.
struct AuditHead: Codable, Equatable {
    var sequence: UInt64
    var hash: String

    static func path(of audit: String) -> String { audit + ".head" }

    /// nil if there is none; an error if there is one that cannot be read: it is not taken for "no records".
    init?(besides audit: String) throws(AlertsError) {
        let path = Self.path(of: audit)
        let bytes: [UInt8]
        do throws(SystemError) {
            guard FileTree.exists(path) else { return nil }
            bytes = try FileBytes.read(path, limit: 4096)
        } catch {
            throw AlertsError(
                .read, path, reason: SystemError.message(error.errno), remedy: "check the file", errno: error.errno)
        }
        guard let head = try? JSONDecoder().decode(AuditHead.self, from: Data(bytes)) else {
            throw AlertsError(.read, path, reason: "it is damaged", remedy: "keep it for evidence and move it away")
        }
        self = head
    }

    init(sequence: UInt64, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }

    /// Which records are missing if the last one is `sequence` with `hash`; nil if none is.
    func missing(after sequence: UInt64, hash: String) -> String? {
        if self.sequence > sequence {
            return "records \(sequence + 1) to \(self.sequence) are missing at the end"
        }
        return self.sequence == sequence && self.hash != hash
            ? "record \(sequence) is not the one that was written" : nil
    }

    func write(besides audit: String) throws(SystemError) {
        let text = "{\"hash\":\"\(hash)\",\"sequence\":\(sequence)}\n"
        try AtomicFile.write(Array(text.utf8), to: Self.path(of: audit), mode: 0o640)
    }
}
