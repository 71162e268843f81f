// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// A directory of the BPF file system that keeps programs and maps when the process ends. It holds one directory for each
/// set of programs and maps that belong together, named by what may share them and its generation, and the switch between
/// generations: the set that it names works, all others are idle.
package struct PinDirectory: Sendable {
    /// Where the daemon pins.
    package static let standard = "/sys/fs/bpf/ringfence"
    private static let mountPoint = "/sys/fs/bpf"

    /// The directory.
    package let path: String

    /// A directory that need not exist yet.
    package init(_ path: String) { self.path = path }

    /// Makes the directory, for root alone, and mounts the BPF file system where it is missing.
    func prepare() throws(BPFError) {
        if path.hasPrefix(Self.mountPoint), !Self.isMounted {
            guard unsafe mount("bpf", Self.mountPoint, "bpf", 0, "mode=0700") == 0 else {
                throw BPFError(
                    step: .pin, subject: path, errno: errno, remedy: "mount it: mount -t bpf bpf \(Self.mountPoint)")
            }
        }
        try make(path)
        // The file system's root may be anybody's to write: what somebody else has put there is not ours.
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o022 == 0
        else {
            throw BPFError(
                step: .pin, subject: path, errno: EPERM,
                remedy: "it is not a directory of ours: look who made it, remove it")
        }
    }

    private static var isMounted: Bool {
        guard let table = try? FileBytes.read("/proc/self/mounts", limit: 1 << 22) else { return true }
        return String(decoding: table, as: UTF8.self).split(separator: "\n").contains {
            let fields = $0.split(separator: " ")
            return fields.count > 2 && fields[1] == mountPoint && fields[2] == "bpf"
        }
    }

    /// The sets that are pinned, by name.
    package var sets: [String] {
        ((try? FileTree.entries(of: path)) ?? []).filter { $0 != Self.generation }.sorted()
    }

    /// The generation of a set by its name; nil if it was made before names told it.
    static func generation(of set: String) -> UInt64? {
        let parts = set.split(separator: "-")
        return parts.count == 3 ? UInt64(parts[2]) : nil
    }

    /// Where a set is pinned.
    func directory(of set: String) -> String { "\(path)/\(set)" }

    /// Makes the directory of a set and of its programs.
    func makeDirectories(for set: String) throws(BPFError) {
        try make(directory(of: set))
        try make(directory(of: set) + "/programs")
    }

    private func make(_ path: String) throws(BPFError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw BPFError(step: .pin, subject: path, errno: errno)
        }
    }

    /// The name of the map that all generations share.
    private static let generation = "generation"

    /// Where the switch between generations is pinned.
    var generationPath: String { "\(path)/\(Self.generation)" }

    /// Unpins the programs of a set, which detaches them as far as no process holds them. Its maps stay.
    func removePrograms(of set: String) {
        let programs = directory(of: set) + "/programs"
        for name in (try? FileTree.entries(of: programs)) ?? [] { _ = unsafe unlink("\(programs)/\(name)") }
        _ = unsafe rmdir(programs)
    }

    /// Unpins a set: its programs are detached and its maps freed, as far as no process holds them.
    package func remove(_ set: String) {
        removePrograms(of: set)
        let directory = directory(of: set)
        for name in (try? FileTree.entries(of: directory)) ?? [] { _ = unsafe unlink("\(directory)/\(name)") }
        _ = unsafe rmdir(directory)
    }

    /// Unpins everything. True if nothing of it is left.
    @discardableResult
    package func removeAll() -> Bool {
        for set in sets { remove(set) }
        _ = unsafe unlink(generationPath)
        return unsafe rmdir(path) == 0 || errno == ENOENT
    }
}
