// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// A directory of one test's own, removed with everything in it when the value dies.
package final class TemporaryDirectory {
    package let path: String
    private var isMounted = false

    /// Makes an empty directory under a name of its own.
    package init() throws {
        path = "/tmp/ringfence-test-\(getpid())-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        // SAFETY: the path is bridged for the call.
        if isMounted { _ = unsafe umount2(path, Int32(MNT_DETACH)) }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of what is called `name` in it.
    package func file(_ name: String) -> String { path + "/" + name }

    /// Whether there is something of that name.
    package func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

    /// Every name in it, hidden ones too, sorted.
    package func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// A file's bytes.
    package func bytes(_ name: String) throws -> [UInt8] { try FileBytes.read(file(name), limit: 1 << 26) }

    /// A file's text; empty if there is none.
    package func text(_ name: String) -> String {
        (try? bytes(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Writes a file, makes the directories above it, and returns its path.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = file(name)
        let parent = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }

    /// The same with text.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    /// Makes a directory in it and those above.
    package func makeDirectory(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    }

    /// Puts a tmpfs(5) with these options in its place; false if that is not allowed. Root only.
    package func mount(_ options: String) -> Bool {
        // SAFETY: the strings are bridged for the call; the data is a C string of tmpfs options.
        isMounted = unsafe options.withCString { unsafe Glibc.mount("tmpfs", path, "tmpfs", 0, $0) } == 0
        return isMounted
    }

    /// Makes the mount read-only or writable again.
    package func remount(readOnly: Bool) -> Bool {
        let flags = UInt(32 | (readOnly ? 1 : 0))  // MS_REMOUNT, MS_RDONLY
        // SAFETY: the strings are bridged for the call.
        return unsafe Glibc.mount("tmpfs", path, "tmpfs", flags, nil) == 0
    }
}
