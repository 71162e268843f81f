// SPDX-License-Identifier: Apache-2.0
import Platform

/// One line of a mountinfo table, see proc_pid_mountinfo(5). Text is as the kernel has it: escape it before printing.
struct MountEntry: Equatable, Sendable {
    /// Where it is mounted.
    let mountPoint: String
    /// Which directory of the file system is mounted there.
    let root: String
    /// The file system's type.
    let type: String
    /// The file system's own options, in the order of the line.
    let options: [String]

    /// All mounts of a table, in its order; lines that are none are skipped.
    static func all(in text: String) -> [MountEntry] {
        text.split(separator: "\n").compactMap { line in
            // Optional fields stand between the sixth field and " - ".
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count >= dash + 4 else { return nil }
            return MountEntry(
                mountPoint: unescaped(fields[4]), root: unescaped(fields[3]), type: String(fields[dash + 1]),
                options: fields[dash + 3].split(separator: ",").map(unescaped))
        }
    }

    /// All mounts that a process sees, in the table's order; nil if it is gone.
    static func all(seenBy pid: UInt32) -> [MountEntry]? {
        guard let bytes = try? FileBytes.prefix(of: "/proc/\(pid)/mountinfo", limit: 1 << 20) else { return nil }
        return all(in: String(decoding: bytes, as: UTF8.self))
    }

    /// The value of an option `name=value`.
    func option(_ name: String) -> String? {
        options.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// Whether a path lies on it, as far as this mount alone decides.
    func holds(_ path: String) -> Bool {
        mountPoint == "/" || path == mountPoint || path.hasPrefix(mountPoint + "/")
    }

    /// The kernel writes space, tab, newline and backslash as three octal digits after a backslash.
    private static func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
