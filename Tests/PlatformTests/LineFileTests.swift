// SPDX-License-Identifier: Apache-2.0
import Platform
import TestSupport
import Testing

@Suite("LineFile")
struct LineFileTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("appends are behind what was there, and the length is the file's")
    func appends() throws {
        try directory.write("old\n", to: "a")
        var file = try LineFile(opening: directory.file("a"))
        try file.append(Array("new\n".utf8))
        try file.flush()
        #expect(directory.text("a") == "old\nnew\n")
        #expect(file.length == 8)
        #expect(try file.bytes(from: 4, limit: 100) == Array("new\n".utf8))
    }

    @Test("a torn end is told and ended before the next line")
    func torn() throws {
        try directory.write("old\nhal", to: "a")
        var file = try LineFile(opening: directory.file("a"))
        #expect(file.isTorn == true)
        try file.append(Array("new\n".utf8))
        #expect(file.isTorn == false)
        #expect(directory.text("a") == "old\nhal\nnew\n")
        #expect(file.length == 12)
    }

    @Test("a file that was renamed, removed or replaced is not in place any more")
    func inPlace() throws {
        let file = try LineFile(opening: directory.file("a"))
        #expect(file.isInPlace() == true)
        try FileTree.rename(directory.file("a"), to: directory.file("b"))
        #expect(file.isInPlace() == false)
        try directory.write("", to: "a")
        #expect(file.isInPlace() == false)
        try FileTree.removeFile(directory.file("a"))
        try FileTree.removeFile(directory.file("a"))
        #expect(file.isInPlace() == false)
    }
}
