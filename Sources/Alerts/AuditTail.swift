// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// The end of the audit, read in bounded time and memory however long the file is. Nothing is verified.
package struct AuditTail: Sendable {
    /// How much of the file is looked at, in bytes: some two thousand records.
    package static let byteLimit = 512 << 10

    private let all: [[UInt8]]

    /// Reads the end of the file at `path`.
    package init(path: String) throws(AlertsError) {
        do throws(SystemError) {
            let file = try Descriptor(opening: path, O_RDONLY)
            let length = Int(try file.status(of: path).st_size)
            let start = max(0, length - Self.byteLimit)
            guard lseek(file.number, off_t(start), SEEK_SET) >= 0 else { throw SystemError("read", path, errno: errno) }
            var bytes: [UInt8] = []
            while bytes.count < Self.byteLimit {
                let more = try file.read(upTo: Self.byteLimit - bytes.count, from: path)
                if more.isEmpty { break }
                bytes += more
            }
            // What is before the first line feed may be the end of a record, what is behind the last the beginning of one.
            var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            if start > 0 { lines = lines.dropFirst() }
            all = lines.filter { $0.first == UInt8(ascii: "{") && $0.last == UInt8(ascii: "}") }.map(Array.init)
        } catch {
            throw AlertsError(
                .read, path, reason: SystemError.message(error.errno), remedy: "check the file", errno: error.errno)
        }
    }

    /// The records as they are on disk, oldest first; with `since` those that are not older.
    package func lines(since: WallTime?) -> [[UInt8]] {
        let records = all.reversed().prefix { line in
            guard let since else { return true }
            let record = try? JSONDecoder().decode(AuditRecord.self, from: Data(line))
            return record.map { $0.time >= since } ?? true
        }
        // A torn line that a repair accounts for is no record.
        return records.reversed().filter { AuditRecord.isWhole($0) }
    }
}
