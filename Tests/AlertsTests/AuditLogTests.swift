// SPDX-License-Identifier: Apache-2.0
import Alerts
import Glibc
import Platform
import TestSupport
import Testing

@Suite("AuditLog")
struct AuditLogTests {
    let directory: TemporaryDirectory
    let path: String
    let now = WallTime(milliseconds: 1_795_000_000_000)

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("audit.jsonl")
    }

    private func fill(_ count: Int, flushes: Bool = true) throws {
        var log = try AuditLog.open(path: path, now: now)
        for number in 0..<count {
            try log.append(verb: "allow", subject: "web/\(number)", reason: "because\n", actor: 1000, now: now)
        }
        if flushes { try log.flush() }
    }

    private func verify() throws -> AuditVerification { try AuditVerification(path: path) }

    @Test("records are chained over restarts and come back as they were written")
    func chain() throws {
        try fill(3)
        try fill(2)
        var records: [AuditRecord] = []
        let verification = try AuditVerification(path: path) { records.append($0) }
        #expect(verification.isIntact)
        #expect(verification.records == 5)
        #expect(records.map(\.sequence) == [1, 2, 3, 4, 5])
        #expect(records.map(\.subject) == ["web/0", "web/1", "web/2", "web/0", "web/1"])
        #expect(records.allSatisfy { $0.reason == "because\\u{000a}" && $0.actor == 1000 && $0.verb == "allow" })
    }

    @Test("a change of any byte is found, in the line where it was made")
    func everyByte() throws {
        try fill(3)
        let bytes = try directory.bytes("audit.jsonl")
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            try directory.write(changed, to: "audit.jsonl")
            let verification = try verify()
            let isLast = index == bytes.count - 1
            #expect(!verification.isIntact, "byte \(index)")
            let line = bytes[..<index].filter { $0 == 0x0A }.count + 1
            if !isLast { #expect(verification.firstFlaw?.line == line, "byte \(index)") }
        }
    }

    @Test("a removed, a repeated and an exchanged line are found")
    func lines() throws {
        try fill(4)
        let lines = try directory.bytes("audit.jsonl").split(separator: 0x0A).map { Array($0) + [0x0A] }
        for order in [[0, 2, 3], [1, 2, 3], [0, 1, 1, 2, 3], [0, 2, 1, 3]] {
            try directory.write(order.flatMap { lines[$0] }, to: "audit.jsonl")
            #expect(try verify().firstFlaw != nil)
        }
    }

    @Test("a cut tail is found, and stays told when the daemon goes on")
    func cutTail() throws {
        try fill(5)
        let lines = try directory.bytes("audit.jsonl").split(separator: 0x0A).map { Array($0) + [0x0A] }
        try directory.write(lines[..<3].flatMap(\.self), to: "audit.jsonl")
        #expect(try verify().firstFlaw == nil)
        #expect(try verify().missingTail == "records 4 to 5 are missing at the end")
        try fill(1)
        #expect(try verify().missingTail == "records 4 to 5 are missing at the end")
        #expect(!(try verify().isIntact))
        try directory.write([], to: "audit.jsonl")
        try fill(1)
        #expect(try verify().missingTail == "records 1 to 5 are missing at the end")
    }

    @Test("what was appended but not flushed is no cut")
    func unflushed() throws {
        try fill(2)
        try fill(2, flushes: false)
        #expect(try verify().isIntact)
        #expect(try verify().records == 4)
    }

    @Test("a line torn at any byte is repaired visibly, and stays as it is")
    func torn() throws {
        try fill(2)
        let whole = try directory.bytes("audit.jsonl")
        try fill(1, flushes: false)
        let third = try directory.bytes("audit.jsonl").dropFirst(whole.count)
        for cut in 1..<third.count {
            try directory.write(whole + third.prefix(cut), to: "audit.jsonl")
            #expect(try verify().endsTorn)
            #expect(try verify().isIntact)
            try fill(1, flushes: false)
            #expect(try directory.bytes("audit.jsonl").starts(with: whole + third.prefix(cut)))
            var verbs: [String] = []
            let verification = try AuditVerification(path: path) { verbs.append($0.verb) }
            #expect(verification.isIntact, "cut at \(cut): \(verification)")
            let isWhole = cut == third.count - 1
            #expect(verbs == ["allow", "allow"] + (isWhole ? ["allow"] : []) + ["repair", "allow"])
            #expect(verification.repairs == (isWhole ? 0 : 1))
            // The fragment is part of the evidence: a change of it is found too.
            var changed = try directory.bytes("audit.jsonl")
            changed[whole.count] ^= 1
            try directory.write(changed, to: "audit.jsonl")
            #expect(try verify().firstFlaw?.line == 3)
        }
    }

    @Test("a repair that was torn itself, and a first line that was, are repaired as well")
    func tornTwice() throws {
        try directory.write(Array("{\"act".utf8), to: "audit.jsonl")
        try fill(1, flushes: false)
        #expect(try verify().isIntact)
        #expect(try verify().records == 2)
        let bytes = try directory.bytes("audit.jsonl")
        let repair = try #require(bytes.split(separator: 0x0A).dropFirst().first)
        try directory.write(Array("{\"act\n".utf8) + repair.prefix(40), to: "audit.jsonl")
        try fill(1, flushes: false)
        #expect(try verify().isIntact)
        #expect(try verify().repairs == 1)
        #expect(try verify().records == 2)
    }

    @Test("hostile bytes in subject and reason stay within one line")
    func hostile() throws {
        var log = try AuditLog.open(path: path, now: now)
        let all = String(decoding: (0...255).map(UInt8.init), as: UTF8.self) + "\u{202E}\",\"hash\":\""
        for _ in 0..<3 { try log.append(verb: all, subject: all, reason: all, actor: nil, now: now) }
        #expect(try verify().isIntact)
        #expect(try directory.bytes("audit.jsonl").filter { $0 < 0x20 } == [0x0A, 0x0A, 0x0A])
    }

    @Test("a damaged head or a file without any record is not taken for an empty one")
    func damaged() throws {
        try fill(1)
        try directory.write([0], to: "audit.jsonl.head")
        #expect(throws: AlertsError.self) { try fill(1) }
        #expect(throws: AlertsError.self) { try verify() }
        try FileTree.removeFile(directory.file("audit.jsonl.head"))
        try directory.write(Array("no record\n".utf8), to: "audit.jsonl")
        #expect(throws: AlertsError.self) { try fill(1) }
        #expect(try directory.bytes("audit.jsonl") == Array("no record\n".utf8))
    }

    @Test(
        "a full disk is an error, tears no line and loses no record",
        .enabled(if: geteuid() == 0, "mounts a file system"))
    func fullDisk() throws {
        try #require(directory.mount("size=32k"))
        var log = try AuditLog.open(path: path, now: now)
        var written: UInt64 = 0
        var failures = 0
        for _ in 0..<400 {
            do throws(AlertsError) {
                written = try log.append(verb: "allow", subject: "x", reason: "y", actor: 0, now: now)
            } catch {
                failures += 1
                #expect(error.description.contains("No space left on device; make room"))
            }
        }
        #expect(failures > 0)
        #expect(try verify().records == written)
        #expect(try verify().isIntact)
        #expect(!(try verify().endsTorn))
    }
}
