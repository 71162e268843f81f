// SPDX-License-Identifier: Apache-2.0
import Platform

/// A command line as proc(5) shows it.
enum ProcessArguments {
    /// Bytes of a command line that are read.
    private static let limit = 4096

    /// The words of a process's command line, hostile bytes and all; nil if it is gone or shows none. At most 4 kB.
    static func read(_ pid: UInt32) -> [[UInt8]]? { readWhole(pid)?.words }

    /// The same, and whether there was more.
    static func readWhole(_ pid: UInt32) -> (words: [[UInt8]], isCut: Bool)? {
        guard let bytes = try? FileBytes.prefix(of: "/proc/\(pid)/cmdline", limit: limit + 1), !bytes.isEmpty else {
            return nil
        }
        let words = words(of: Array(bytes.prefix(limit)))
        return words.isEmpty ? nil : (words, bytes.count > limit)
    }

    private static func words(of bytes: [UInt8]) -> [[UInt8]] {
        var words = bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        if words.last?.isEmpty == true { words.removeLast() }
        return words
    }
}
