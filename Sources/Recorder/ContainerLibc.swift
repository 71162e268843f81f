// SPDX-License-Identifier: Apache-2.0
import Platform

/// Which C library a running process has mapped.
package enum ContainerLibc {
    /// Bytes of a library that are searched for its version.
    private static let limit = 4 << 20

    /// `glibc 2.36`, `musl 1.2.3`, `musl`; nil if it has none, or is gone. Reads the mapped file itself, by
    /// /proc/PID/map_files (proc(5)), not what now is at its path: the path is the container's to choose.
    package static func name(ofProcess pid: Int32) -> String? {
        guard let maps = try? FileBytes.read("/proc/\(pid)/maps", limit: 1 << 22) else { return nil }
        for line in maps.split(separator: 0x0A) {
            let words = line.split(separator: 0x20, maxSplits: 5)
            guard words.count == 6, let range = words.first else { continue }
            let file = String(decoding: words[5].drop { $0 == 0x20 }, as: UTF8.self).split(separator: "/").last ?? ""
            guard file.hasPrefix("libc.so.6") || file.hasPrefix("libc-2.") || file.hasPrefix("ld-musl-") else {
                continue
            }
            let path = "/proc/\(pid)/map_files/" + String(decoding: range, as: UTF8.self)
            let bytes = (try? FileBytes.read(path, limit: limit)) ?? []
            return file.hasPrefix("ld-musl-")
                ? version(in: bytes, after: "Version ").map { "musl " + $0 } ?? "musl"
                : version(in: bytes, after: "release version ").map { "glibc " + $0 } ?? "glibc"
        }
        return nil
    }

    /// The digits and dots behind the first `words` that have some.
    static func version(in bytes: [UInt8], after words: String) -> String? {
        let pattern = Array(words.utf8)
        var position = 0
        while position + pattern.count < bytes.count {
            guard let next = bytes[position...].firstIndex(of: pattern[0]), next + pattern.count < bytes.count else {
                return nil
            }
            position = next + 1
            guard bytes[next..<(next + pattern.count)].elementsEqual(pattern) else { continue }
            let digits = bytes[(next + pattern.count)...].prefix { (0x30...0x39).contains($0) || $0 == 0x2E }
            let text = String(decoding: digits.prefix(16), as: UTF8.self)
            if let first = text.first, first.isNumber { return text.hasSuffix(".") ? String(text.dropLast()) : text }
        }
        return nil
    }
}
