// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A directory tree for one test, removed with the value.
final class Scratch {
    let path: String

    init() throws {
        path = "/tmp/ringfence-containers-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file below the directory and makes the directories above it.
    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    /// The same with bytes.
    func write(_ bytes: [UInt8], to name: String) throws {
        let file = "\(path)/\(name)"
        let parent = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: file))
    }

    func directory(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }
}

/// The text of a golden fixture.
func fixture(_ name: String) throws -> String {
    let parent = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return String(decoding: try Data(contentsOf: parent.appending(path: "Fixtures/\(name)")), as: UTF8.self)
}
