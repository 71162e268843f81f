// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform
import Testing

/// A directory of one test's own, removed with everything in it when the value dies.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = "/tmp/ringfence-test-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

    /// Every name in it, hidden ones too, sorted.
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// Runs a program found in PATH with no input and returns its exit status, or -1 if it cannot be started.
func run(_ words: [String]) -> CInt {
    guard let program = words.first else { return -1 }
    var child: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
    // SAFETY: the strings are ours, live until the call has returned and are freed here; the array ends with nil.
    let failure = unsafe posix_spawnp(&child, program, nil, nil, &arguments, environ)
    for index in unsafe arguments.indices { unsafe free(arguments[index]) }
    guard failure == 0 else { return -1 }
    var status: CInt = 0
    while unsafe waitpid(child, &status, 0) < 0 {
        guard errno == EINTR else { return -1 }
    }
    return (status & 0x7F) == 0 ? (status >> 8) & 0xFF : -1
}
