// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// A directory of one test's own, removed with everything in it when the value dies.
final class TemporaryDirectory {
    let path: String
    private var isMounted = false

    init() throws {
        path = "/tmp/ringfence-test-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        // SAFETY: the path is bridged for the call.
        if isMounted { _ = unsafe umount2(path, 2) }
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    func bytes(_ name: String) throws -> [UInt8] { try FileBytes.read(file(name), limit: 1 << 26) }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: file(name)))
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// Puts a tmpfs(5) of so many KiB in its place. Root only.
    func mountSmall(kibibytes: Int) -> Bool {
        // SAFETY: the strings are bridged for the call; the data is a C string of tmpfs options.
        isMounted = unsafe "size=\(kibibytes)k".withCString { unsafe mount("tmpfs", path, "tmpfs", 0, $0) } == 0
        return isMounted
    }

    /// Makes the mount read-only or writable again.
    func remount(readOnly: Bool) -> Bool {
        let flags = UInt(32 | (readOnly ? 1 : 0))  // MS_REMOUNT, MS_RDONLY
        // SAFETY: the strings are bridged for the call.
        return unsafe mount("tmpfs", path, "tmpfs", flags, nil) == 0
    }
}

/// Calls `body` until it gives true or `seconds` have passed; true if it did.
func eventually(within seconds: Double = 20, _ body: () -> Bool) -> Bool {
    let deadline = Date().timeIntervalSince1970 + seconds
    while Date().timeIntervalSince1970 < deadline {
        if body() { return true }
        usleep(2000)
    }
    return body()
}
