// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform
import TestSupport
import Testing

@Suite("AtomicFile")
struct AtomicFileTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("a new file has the bytes, and nothing is left beside it")
    func writesNew() throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try AtomicFile.write(bytes, to: directory.file("a"), mode: 0o600)
        #expect(try FileBytes.read(directory.file("a"), limit: 1 << 20) == bytes)
        #expect(try directory.names() == ["a"])
        #expect(try mode("a") == 0o600)
    }

    @Test("an old file is replaced as a whole, by another file")
    func replaces() throws {
        try directory.write("a longer old content", to: "a")
        let held = try Descriptor(opening: directory.file("a"), O_RDONLY)
        try AtomicFile.write(Array("new".utf8), to: directory.file("a"))
        #expect(directory.text("a") == "new")
        #expect(try held.read(upTo: 100, from: "a") == Array("a longer old content".utf8))
    }

    @Test("no content is a content")
    func writesNothing() throws {
        try directory.write("old", to: "a")
        try AtomicFile.write([], to: directory.file("a"))
        #expect(try directory.bytes("a") == [])
    }

    @Test("the longest name that the file system takes can be written")
    func longName() throws {
        let name = String(repeating: "n", count: 255)
        try AtomicFile.write([1], to: directory.file(name))
        #expect(try directory.names() == [name])
        #expect(throws: SystemError("write", directory.file(name + "n"), errno: ENAMETOOLONG)) {
            try AtomicFile.write([1], to: directory.file(name + "n"))
        }
    }

    @Test("a symbolic link is refused, dangling or not: the name and its target stay as they were")
    func refusesLink() throws {
        try directory.write("precious", to: "target")
        for (name, target) in [("link", "target"), ("dangling", "nowhere")] {
            try FileManager.default.createSymbolicLink(
                atPath: directory.file(name), withDestinationPath: directory.file(target))
            #expect(throws: SystemError.self) { try AtomicFile.write([65], to: directory.file(name)) }
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory.file(name)).hasSuffix(target))
        }
        #expect(directory.text("target") == "precious")
        #expect(try directory.names() == ["dangling", "link", "target"])
    }

    @Test("a FIFO, a device and a directory are refused by name and stay")
    func refusesSpecial() throws {
        let fifo = directory.file("fifo")
        #expect(unsafe mkfifo(fifo, 0o600) == 0)
        #expect(throws: SystemError("replace the FIFO", fifo, errno: ENOTSUP)) { try AtomicFile.write([1], to: fifo) }
        #expect(throws: SystemError("write", directory.path, errno: EISDIR)) {
            try AtomicFile.write([1], to: directory.path)
        }
        for path in [directory.path + "/", directory.path + "/.", directory.path + "/..", ""] {
            #expect(throws: SystemError("write", path, errno: EISDIR)) { try AtomicFile.write([1], to: path) }
        }
        #expect(throws: SystemError("replace the device", "/dev/null", errno: ENOTSUP)) {
            try AtomicFile.write([1], to: "/dev/null")
        }
        #expect(try directory.names() == ["fifo"])
    }

    @Test("a missing directory is named")
    func missingDirectory() {
        let missing = directory.file("none")
        #expect(throws: SystemError("open the directory", missing, errno: ENOENT)) {
            try AtomicFile.write([1], to: missing + "/a")
        }
    }

    @Test("a name with a zero byte is refused, not cut")
    func zeroByte() throws {
        #expect(throws: SystemError.self) { try AtomicFile.write([1], to: directory.file("a\0b")) }
        #expect(try directory.names() == [])
    }

    @Test(
        "an unwritable directory is an error and the old content stays",
        .enabled(if: geteuid() == 0, "making a read-only mount needs root"))
    func unwritable() throws {
        try directory.write("old", to: "a")
        try #require(Shell.run(["mount", "--bind", directory.path, directory.path]).status == 0)
        defer { _ = try? Shell.run(["umount", directory.path]) }
        try #require(Shell.run(["mount", "-o", "remount,bind,ro", directory.path]).status == 0)
        #expect(throws: SystemError("write", directory.file("a"), errno: EROFS)) {
            try AtomicFile.write([1], to: directory.file("a"))
        }
        #expect(directory.text("a") == "old")
        #expect(try directory.names() == ["a"])
    }

    @Test(
        "when the file system is full halfway, the old content stays and nothing is left beside it",
        .enabled(if: geteuid() == 0, "mounting a small tmpfs needs root"))
    func full() throws {
        try #require(directory.mount("size=64k"))
        try AtomicFile.write(Array("old".utf8), to: directory.file("a"))
        // More than fits: write(2) first takes a part, then fails.
        let large = [UInt8](repeating: 65, count: 1 << 20)
        for _ in 0..<3 {
            #expect(throws: SystemError("write", directory.file("a"), errno: ENOSPC)) {
                try AtomicFile.write(large, to: directory.file("a"))
            }
            #expect(directory.text("a") == "old")
            #expect(try directory.names() == ["a"])
        }
        // What the failures took was given back.
        try AtomicFile.write([UInt8](repeating: 66, count: 40_000), to: directory.file("a"))
        #expect(try FileBytes.read(directory.file("a"), limit: 1 << 20).count == 40_000)
    }

    @Test("no free inode is an error and the old content stays", .enabled(if: geteuid() == 0, "mounting needs root"))
    func noInodes() throws {
        try #require(directory.mount("nr_inodes=2"))
        try directory.write("old", to: "a")
        #expect(throws: SystemError("write", directory.file("a"), errno: ENOSPC)) {
            try AtomicFile.write([1], to: directory.file("a"))
        }
        #expect(directory.text("a") == "old")
    }

    @Test("the new file belongs to the given owner", .enabled(if: geteuid() == 0, "giving files away needs root"))
    func owner() throws {
        let owner = AtomicFile.Owner(user: 12345, group: 23456)
        try AtomicFile.write([1], to: directory.file("a"), owner: owner)
        let status = try Descriptor(opening: directory.file("a"), O_RDONLY).status(of: "a")
        #expect(status.st_uid == 12345 && status.st_gid == 23456)
    }

    @Test("a reader beside many writers never sees a part")
    func neverPartial() async throws {
        let path = directory.file("a")
        try AtomicFile.write([UInt8](repeating: 0, count: 10_000), to: path)
        try await withThrowingTaskGroup { group in
            for writer in UInt8(1)...4 {
                group.addTask {
                    for _ in 0..<25 { try AtomicFile.write([UInt8](repeating: writer, count: 10_000), to: path) }
                }
            }
            for _ in 0..<200 {
                let bytes = try FileBytes.read(path, limit: 20_000)
                #expect(bytes.count == 10_000 && Set(bytes).count == 1)
            }
            try await group.waitForAll()
        }
        #expect(try directory.names() == ["a"])
    }

    private func mode(_ name: String) throws -> mode_t {
        try Descriptor(opening: directory.file(name), O_RDONLY).status(of: name).st_mode & 0o777
    }
}
