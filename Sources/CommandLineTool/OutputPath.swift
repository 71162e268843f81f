// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// What a path given for output means.
enum OutputPath {
    /// `-` and the names of our own standard output, which must never be replaced by a file.
    static func isStandardOutput(_ path: String) -> Bool {
        ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path)
    }

    /// Whether two paths are one file, or would become one.
    static func areSame(_ left: String, _ right: String) -> Bool {
        if isStandardOutput(left) || isStandardOutput(right) { return false }
        var one = stat()
        var other = stat()
        if unsafe stat(left, &one) == 0, unsafe stat(right, &other) == 0 {
            return one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_mode & S_IFMT == S_IFREG
        }
        return left == right
    }

    /// Why a file cannot be made there, or nil if it seems it can. Nothing is written.
    static func obstacle(_ path: String) -> String? {
        guard !isStandardOutput(path), !path.hasSuffix("/") else { return nil }
        let directory =
            path.contains("/")
            ? path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") : "."
        guard unsafe access(directory.isEmpty ? "/" : directory, W_OK | X_OK) != 0 else { return nil }
        return SystemError.message(errno)
    }
}
