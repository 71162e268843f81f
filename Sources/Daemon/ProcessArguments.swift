// SPDX-License-Identifier: Apache-2.0
import Platform

/// A command line as proc(5) shows it.
enum ProcessArguments {
    /// The words of a process's command line, hostile bytes and all; nil if it is gone or shows none. At most 4 kB.
    static func read(_ pid: UInt32) -> [[UInt8]]? {
        guard let bytes = try? FileBytes.prefix(of: "/proc/\(pid)/cmdline", limit: 4096), !bytes.isEmpty else {
            return nil
        }
        var words = bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        if words.last?.isEmpty == true { words.removeLast() }
        return words.isEmpty ? nil : words
    }
}
