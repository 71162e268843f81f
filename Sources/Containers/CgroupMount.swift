// SPDX-License-Identifier: Apache-2.0

/// One cgroup file system from a mountinfo table.
package struct CgroupMount: Equatable, Sendable {
    /// Where it is mounted.
    package let mountPoint: String
    /// Which directory of the hierarchy is mounted there; "/" unless somebody mounted a part of it.
    package let root: String
    /// Whether it is cgroup2 and not one v1 hierarchy.
    package let isUnified: Bool
    /// The v1 controllers of the hierarchy, "name=systemd" without "name=" left out; empty on cgroup2.
    package let controllers: [String]

    /// All cgroup mounts of a table in the format of /proc/PID/mountinfo, see proc_pid_mountinfo(5), in its order. Lines that
    /// are no cgroup mounts, or no mounts at all, are skipped.
    package static func all(inMountInfo text: String) -> [CgroupMount] {
        text.split(separator: "\n").compactMap { line in
            // Optional fields stand between the sixth field and " - ".
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count >= dash + 4 else { return nil }
            let type = fields[dash + 1]
            guard type == "cgroup" || type == "cgroup2" else { return nil }
            let options = fields[dash + 3].split(separator: ",").map(String.init)
            let controllers = options.filter { !["rw", "ro", "xattr", "clone_children", "noprefix"].contains($0) }
            return CgroupMount(
                mountPoint: unescaped(fields[4]), root: unescaped(fields[3]), isUnified: type == "cgroup2",
                controllers: type == "cgroup" ? controllers.filter { !$0.contains("=") } : [])
        }
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
