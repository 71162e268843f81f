// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Platform
import Profiles
import TestSupport
import Testing

private let now = Date(timeIntervalSince1970: 1_767_225_600)

private func allow(
    _ entry: String = "calls/x86_64/ptrace", _ scope: AllowLayer.Scope = .key("web"), expiry: Date? = nil
) -> AllowLayer.Allow {
    AllowLayer.Allow(entry: entry, scope: scope, author: "ann", reason: "a debugger", date: now, expiry: expiry)
}

@Suite("AllowLayer")
struct AllowLayerTests {
    @Test(
        "a decision counts in its scope",
        arguments: [
            (AllowLayer.Scope.key("ns/web/a"), true), (.key("ns/web"), false), (.key("ns/*"), false),
            (.pattern("ns/*"), true), (.pattern("*/a"), true), (.pattern("ns/?eb/a"), true), (.pattern("ns"), false),
            (.pattern("*b*b*"), false), (.pattern("**"), true), (.all, true),
        ])
    func scopes(scope: AllowLayer.Scope, expected: Bool) throws {
        var layer = AllowLayer()
        try layer.add(allow("calls/x86_64/ptrace", scope))
        #expect(layer.allows(key: "ns/web/a", entry: "calls/x86_64/ptrace", now: now) == expected)
        #expect(!layer.allows(key: "ns/web/a", entry: "calls/x86_64/bpf", now: now))
        #expect(AllowLayer.Scope(text: scope.text) == scope)
    }

    @Test("what has expired or was revoked is history and does not count")
    func history() throws {
        var layer = AllowLayer()
        try layer.add(allow(expiry: now + 60))
        try layer.add(allow("executables//bin/sh"))
        #expect(layer.nextExpiry(after: now) == now + 60)
        #expect(layer.allowed(key: "web", now: now + 59).count == 2)
        #expect(layer.allowed(key: "web", now: now + 60) == ["executables//bin/sh"])
        #expect(
            layer.revoke(entry: "executables//bin/sh", scope: .key("web"), author: "bob", reason: "no", date: now) == 1)
        #expect(layer.allowed(key: "web", now: now + 60).isEmpty && layer.allows.count == 2)
        #expect(layer.allows.last?.revoked?.author == "bob")
        #expect(layer.revoke(entry: "executables//bin/sh", scope: .all, author: "b", reason: "n", date: now) == 0)
    }

    @Test("a decision about nothing, without a reason or already expired is refused")
    func refused() {
        var layer = AllowLayer()
        #expect(throws: ProfileError.self) { try layer.add(allow("calls/x86_64/ptraec")) }
        #expect(throws: ProfileError.self) { try layer.add(allow("ptrace")) }
        #expect(throws: ProfileError.self) { try layer.add(allow(expiry: now)) }
        var silent = allow()
        silent.reason = " "
        #expect(throws: ProfileError.self) { try layer.add(silent) }
        #expect(layer.allows.isEmpty)
    }

    @Test("the file survives damage through its previous copy, and is never taken for empty")
    func file() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("allow.json")
        #expect(try AllowLayer.load(file, now: now).layer == AllowLayer())
        var layer = AllowLayer()
        try layer.add(allow(expiry: now + 60))
        try layer.save(to: file, now: now)
        let first = layer
        try layer.add(allow("ioUring/IORING_OP_READ", .pattern("ns/*")))
        layer.revoke(entry: "calls/x86_64/ptrace", scope: .key("web"), author: "bob", reason: "\u{1b}[2J", date: now)
        try layer.save(to: file, now: now)
        #expect(try AllowLayer.load(file, now: now).layer == layer)
        let whole = try FileBytes.read(file, limit: 1 << 20)
        for length in 0..<(whole.count - 1) {
            try AtomicFile.write(Array(whole.prefix(length)), to: file)
            let loaded = try AllowLayer.load(file, now: now)
            #expect(loaded.layer == first && !loaded.notes.isEmpty, "cut at \(length)")
            for name in try directory.names() where name.contains(".damaged-") {
                try FileTree.removeFile(directory.file(name))
            }
        }
        for path in [file, file + ".previous"] { try AtomicFile.write(Array("{}".utf8), to: path) }
        for _ in 0..<2 { #expect(throws: ProfileError.self) { try AllowLayer.load(file, now: now) } }
    }
}
