// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// A directory of one test, removed with the value.
package final class Workspace {
    /// Where it is.
    package let path: String

    /// Makes an empty one.
    package init() throws {
        path = "/tmp/ringfence-workspace-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Path of a file in it.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Whether a file is in it.
    package func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

    /// Writes a file and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try AtomicFile.write(Array(text.utf8), to: file(name))
        return file(name)
    }

    /// A file's text; empty if there is none.
    package func text(_ name: String) -> String {
        (try? FileBytes.read(file(name), limit: 64 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
