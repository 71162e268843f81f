// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import TestSupport
import Testing

@testable import Profiles

@Suite("The approved inventory")
struct ApprovedInventoryTests {
    private let date = Date(timeIntervalSince1970: 1_795_000_000)

    private func inventory(_ keys: String...) throws -> ApprovedInventory {
        var inventory = ApprovedInventory()
        _ = try inventory.approve(keys, by: "ann", reason: "ours", date: date)
        return inventory
    }

    @Test("what was approved is kept with author, reason and date, and reads back")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("inventory.json")
        #expect(try ApprovedInventory.load(path, now: date).inventory == nil)
        var own = try inventory("shop/web", "rf-busybox sleep")
        try own.save(to: path, now: date)
        #expect(try ApprovedInventory.load(path, now: date).inventory == own)
        #expect(directory.text("inventory.json").contains("\"schema\": \"ringfence.inventory/v1\""))
        #expect(try own.approve(["shop/web", "db"], by: "bob", reason: "r", date: date) == ["db"])
        #expect(own.approved["shop/web"]?.author == "ann" && own.contains("db") && !own.contains("shop"))
        #expect(own.disapprove("db") && !own.disapprove("db"))
        try ApprovedInventory.remove(path)
        #expect(try directory.names().isEmpty)
    }

    @Test("a damaged file is moved aside and the one before is used; without one nothing is taken for approved")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("inventory.json")
        let first = try inventory("a")
        try first.save(to: path, now: date)
        try inventory("a", "b").save(to: path, now: date)
        try directory.write("{\"schema\":\"ringfence.inv", to: "inventory.json")
        let loaded = try ApprovedInventory.load(path, now: date)
        #expect(loaded.inventory == first && loaded.notes.count == 2)
        for name in try directory.names() where !name.contains("damaged") { try directory.write("x", to: name) }
        let error = #expect(throws: ProfileError.self) { try ApprovedInventory.load(path, now: date) }
        #expect(error?.description.contains("inventory.json") == true)
    }

    @Test(
        "what is no inventory is refused",
        arguments: [
            "", "[]", "{}", #"{"schema":"ringfence.inventory/v2","approved":{}}"#,
            #"{"schema":"ringfence.inventory/v1","approved":{"":{"author":"a","reason":"r","date":"2026-01-01T00:00:00Z"}}}"#,
            #"{"schema":"ringfence.inventory/v1","approved":{"k":{"author":"a"}}}"#,
            #"{"schema":"ringfence.inventory/v1","approved":{"k":{"author":"\u001b","reason":"r","date":"2026-01-01T00:00:00Z"}}}"#,
            #"{"schema":"ringfence.inventory/v1","approved":{},"approved":{}}"#,
        ])
    func refused(text: String) {
        #expect(throws: ProfileError.self) { try ApprovedInventory.decode(Array(text.utf8), from: "f") }
    }

    @Test("keys that the daemon would not show are not approved, nor more than there is room for")
    func keys() throws {
        for key in ["", "a\u{1B}b", "a\nb", String(repeating: "k", count: 5000)] {
            #expect(throws: ProfileError.self) { try inventory(key) }
        }
        var full = ApprovedInventory()
        _ = try full.approve((0..<ApprovedInventory.limit).map { "k\($0)" }, by: "a", reason: "r", date: date)
        #expect(throws: ProfileError.self) { try full.approve(["one more"], by: "a", reason: "r", date: date) }
    }

    @Test("calls of tier 0 and 1 count where a workload made them, not where a runtime did")
    func graveCalls() {
        let evidence = PhaseEvidence(first: date, last: date, executables: ["/x": 1])
        var profile = smallProfile()
        profile.calls = [
            "x86_64": [
                "mount": CallEvidence(phases: ["setup": evidence]),
                "ptrace": CallEvidence(phases: ["workload": evidence]),
                "chroot": CallEvidence(phases: ["workload": evidence]),
                "read": CallEvidence(phases: ["workload": evidence]),
            ]
        ]
        profile.ioUring = [:]
        profile.arguments = [
            "socket.family": ArgumentEvidence(values: ["workload": [2, 17], "setup": [38]], overflowed: false),
            "clone.flags": ArgumentEvidence(values: ["session": [0x1000_0000]], overflowed: false),
        ]
        #expect(profile.graveCalls.map(\.name) == ["ptrace", "chroot", "clone:CLONE_NEWUSER", "socket:AF_PACKET"])
        #expect(profile.graveCalls.map(\.tier) == [.never, .justified, .justified, .justified])
    }
}
