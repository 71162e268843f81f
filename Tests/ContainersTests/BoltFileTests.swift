// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import TestSupport
import Testing

@testable import Containers

@Suite("BoltFile")
struct BoltFileTests {
    private static func content(_ count: Int) -> [String: BoltWriter.Node] {
        var many: [String: BoltWriter.Node] = [:]
        for number in 0..<count {
            many["key-\(number)"] = .bucket(["labels": .bucket(["a": .text("\(number)"), "": .text("empty")])])
        }
        return ["v1": .bucket(many), "large": .value([UInt8](repeating: 7, count: 20_000)), "none": .bucket([:])]
    }

    private func write(_ bytes: [UInt8]) throws -> TemporaryDirectory {
        let root = try TemporaryDirectory()
        try root.write(bytes, to: "db")
        return root
    }

    private func labels(_ path: String, _ key: String) throws(BoltFile.Failure) -> [String: String]? {
        try BoltFile.read(path, owner: geteuid()) { (file) throws(BoltFile.Failure) -> [String: String]? in
            guard let bucket = try file.bucket(["v1", key, "labels"]) else { return nil }
            return try file.texts(in: bucket)
        }
    }

    @Test(
        "every key of a deep tree is found, with pages of several sizes, and no other", arguments: [1024, 4096, 65_536])
    func finds(pageSize: Int) throws {
        let root = try write(BoltWriter.database(Self.content(3000), pageSize: pageSize))
        for number in stride(from: 0, to: 3000, by: 7) {
            #expect(try labels(root.path + "/db", "key-\(number)") == ["a": "\(number)", "": "empty"])
        }
        for key in ["", "key", "key-", "key-3000", "zzz", "key-1\u{0}"] {
            #expect(try labels(root.path + "/db", key) == nil)
        }
        let large = try BoltFile.read(root.path + "/db", owner: geteuid()) {
            (file) throws(BoltFile.Failure) -> [UInt8]? in
            guard let root = try file.bucket([]) else { return nil }
            return try file.value("large", in: root)
        }
        #expect(large == [UInt8](repeating: 7, count: 20_000))
    }

    @Test("what is no database, of another user, a link or cut is a failure and never a wrong answer")
    func refuses() throws {
        let bytes = BoltWriter.database(Self.content(200))
        let root = try write(bytes)
        let path = root.path + "/db"
        for length in stride(from: 0, to: bytes.count, by: 997) {
            try root.write(Array(bytes[..<length]), to: "db")
            let found = try? labels(path, "key-77")
            #expect(found == nil || found == ["a": "77", "": "empty"])
        }
        try root.write([UInt8](repeating: 0, count: 8192), to: "db")
        #expect(throws: BoltFile.Failure.damaged) { try labels(path, "key-1") }
        #expect(throws: BoltFile.Failure.system(ENOENT)) { try labels(path + "x", "key-1") }
        try root.write(bytes, to: "real")
        #expect(unsafe unlink(path) == 0)
        #expect(unsafe symlink("real", path) == 0)
        #expect(throws: BoltFile.Failure.system(ELOOP)) { try labels(path, "key-1") }
        #expect(unsafe unlink(path) == 0)
        #expect(unsafe mkfifo(path, 0o600) == 0)
        #expect(throws: BoltFile.Failure.foreign) { try labels(path, "key-1") }
        #expect(throws: BoltFile.Failure.foreign) {
            try BoltFile.read(root.path + "/real", owner: geteuid() + 1) { _ in 1 }
        }
    }

    @Test("a database that is written all the time is given up, not misread")
    func busy() throws {
        let old = BoltWriter.database(Self.content(1))
        let root = try write(old)
        let path = root.path + "/db"
        var reads = 0
        #expect(throws: BoltFile.Failure.busy) {
            try BoltFile.read(path, owner: geteuid()) { _ in
                reads += 1
                // The other meta page, of the older transaction, takes its turn.
                let bytes =
                    reads % 2 == 1 ? Array(old[..<4096]) + [UInt8](repeating: 0, count: 4096) + old[8192...] : old
                _ = try? root.write(bytes, to: "db")
            }
        }
        #expect(reads == 5)
    }

    @Test("mutated databases end in an answer or a failure")
    func mutations() throws {
        let bytes = BoltWriter.database(Self.content(60), pageSize: 1024)
        let root = try TemporaryDirectory()
        var generator = SeededGenerator(seed: 3)
        var failures = 0
        for round in 0..<1500 {
            // The meta pages stay whole in most rounds, else nothing behind them is ever read.
            let kept = round % 10 == 0 ? 0 : 3 * 1024
            try root.write(Array(bytes[..<kept]) + generator.mutated(Array(bytes[kept...])), to: "db")
            for key in ["key-1", "key-30", "key-59"] {
                do { _ = try labels(root.path + "/db", key) } catch { failures += 1 }
            }
        }
        #expect(failures > 100, "mutations do reach the reader")
    }
}
