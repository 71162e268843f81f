// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

private let now = Date(timeIntervalSince1970: 1_767_225_600)

private func profile(_ key: String, runs: Int = 1) -> BehaviourProfile {
    var profile = smallProfile()
    profile.key = key
    profile.window.runs = runs
    profile.learning = ProfileLearning(start: now, epochs: runs, singletons: ["calls/x86_64/read": 1])
    return profile
}

@Suite("ProfileDirectory")
struct ProfileDirectoryTests {
    @Test("what was saved is loaded, listed, replaced and removed")
    func roundTrip() throws {
        let scratch = try TemporaryDirectory()
        let directory = try ProfileDirectory(scratch.path)
        #expect(try directory.load("web", now: now).profile == nil && directory.keys().isEmpty)
        let keys = [
            "web", "ns/web/app", "../../etc/passwd", "a%2fb", ".", "x.json", String(repeating: "k/", count: 400),
        ]
        for key in keys { try directory.save(profile(key), now: now) }
        #expect(try directory.keys() == keys.sorted())
        #expect(try scratch.names().count == keys.count && scratch.names().allSatisfy { $0.utf8.count < 256 })
        for key in keys { #expect(try directory.load(key, now: now).profile == profile(key)) }
        try directory.save(profile("web", runs: 2), now: now)
        #expect(try directory.load("web", now: now).profile?.window.runs == 2)
        #expect(try scratch.names().contains("web.json.previous"))
        try directory.remove("web")
        #expect(try directory.load("web", now: now).profile == nil)
        #expect(try directory.keys() == keys.sorted().filter { $0 != "web" })
    }

    @Test("different keys never share a file")
    func names() {
        let keys = ["a/b", "a%2fb", "a_b", "A/B", "a.json", "a", ".a", "%", "~", "a~b", "é", ""]
        #expect(Set(keys.map(ProfileDirectory.fileName)).count == keys.count)
        let long = String(repeating: "x", count: 300)
        #expect(ProfileDirectory.fileName(long + "a") != ProfileDirectory.fileName(long + "b"))
        #expect(ProfileDirectory.fileName(long).hasSuffix("~" + SHA256.hexadecimal(of: long.utf8) + ".json"))
        #expect(!ProfileDirectory.fileName("../a\u{0}\n/").contains("/"))
    }

    @Test("a file cut at any length is moved aside and the previous copy used; without one it is an error for ever")
    func truncated() throws {
        let scratch = try TemporaryDirectory()
        let directory = try ProfileDirectory(scratch.path)
        try directory.save(profile("web", runs: 1), now: now)
        try directory.save(profile("web", runs: 2), now: now)
        let file = scratch.path + "/web.json"
        let whole = try FileBytes.read(file, limit: 1 << 20)
        let lengths = Set(stride(from: 0, to: whole.count - 200, by: 61)).union((whole.count - 200)..<(whole.count - 1))
        for length in lengths.sorted() {
            try AtomicFile.write(Array(whole.prefix(length)), to: file)
            let loaded = try directory.load("web", now: now)
            #expect(loaded.profile?.window.runs == 1, "cut at \(length)")
            #expect(loaded.notes.contains { $0.contains("moved to") })
            #expect(try directory.load("web", now: now).notes.isEmpty, "mended")
            for name in try scratch.names() where name.contains(".damaged-") {
                try FileTree.removeFile(scratch.path + "/" + name)
            }
        }
        try AtomicFile.write(Array(whole.prefix(99)), to: file)
        try AtomicFile.write([], to: file + ".previous")
        for _ in 0..<2 {
            let error = try #require(throws: ProfileError.self) { try directory.load("web", now: now) }
            #expect(error.description.contains("web.json") && error.description.contains("restore it"))
        }
        #expect(try directory.keys() == ["web"], "a lost profile is still named")
        try directory.save(profile("other"), now: now)
        #expect(try directory.load("other", now: now).profile != nil, "the others are read")
        #expect(try scratch.names().filter { $0.contains(".damaged-20260101T000000Z") }.count == 2)
        try directory.remove("web")
        #expect(try directory.load("web", now: now).profile == nil)
    }

    @Test("a damaged file never becomes the previous copy")
    func savesOverDamage() throws {
        let scratch = try TemporaryDirectory()
        let directory = try ProfileDirectory(scratch.path)
        try directory.save(profile("web", runs: 1), now: now)
        try directory.save(profile("web", runs: 2), now: now)
        try AtomicFile.write(Array("{".utf8), to: scratch.path + "/web.json")
        try directory.save(profile("web", runs: 3), now: now)
        #expect(try ProfileStore.load(scratch.path + "/web.json").window.runs == 3)
        #expect(try ProfileStore.load(scratch.path + "/web.json.previous").window.runs == 1)
        #expect(try scratch.names().contains { $0.contains(".damaged-") })
    }

    @Test("a file of a later version is left alone")
    func laterVersion() throws {
        let scratch = try TemporaryDirectory()
        let directory = try ProfileDirectory(scratch.path)
        try directory.save(profile("web", runs: 1), now: now)
        let later = Array("{\"schema\": \"ringfence.profile/v9\"}\n".utf8)
        try AtomicFile.write(later, to: scratch.path + "/web.json")
        #expect(throws: ProfileError.self) { try directory.load("web", now: now) }
        #expect(throws: ProfileError.self) { try directory.save(profile("web", runs: 2), now: now) }
        #expect(try FileBytes.read(scratch.path + "/web.json", limit: 99) == later && scratch.names() == ["web.json"])
    }

    @Test("another profile's content under a key is refused")
    func foreign() throws {
        let scratch = try TemporaryDirectory()
        let directory = try ProfileDirectory(scratch.path)
        try ProfileStore.save(profile("db"), to: scratch.path + "/web.json")
        let error = try #require(throws: ProfileError.self) { try directory.load("web", now: now) }
        #expect(error.description.contains("it is the profile of db, not of web"))
    }

    @Test("more profiles than the limit are refused, those that are there are still written")
    func limit() throws {
        let scratch = try TemporaryDirectory()
        let directory = try ProfileDirectory(scratch.path, limit: 2)
        for key in ["a", "b", "a", "b"] { try directory.save(profile(key, runs: Int.random(in: 1...9)), now: now) }
        let error = try #require(throws: ProfileError.self) { try directory.save(profile("c"), now: now) }
        #expect(error.description.contains("2 profiles already"))
    }

    @Test(
        "a full disk and a read-only one are clear errors, and what was there stays",
        .enabled(if: geteuid() == 0, "mounting a tmpfs needs root"))
    func fullAndReadOnly() throws {
        let scratch = try TemporaryDirectory()
        _ = try ProfileDirectory(scratch.path)
        #expect(scratch.mount("size=64k"))
        let directory = try ProfileDirectory(scratch.path)
        try directory.save(profile("web", runs: 1), now: now)
        var large = profile("web", runs: 2)
        for number in 0..<2000 { large.executables["/tmp/\(number)"] = large.executables["/usr/bin/web"] }
        let full = try #require(throws: ProfileError.self) { try directory.save(large, now: now) }
        #expect(full.errno == ENOSPC && full.description.contains("No space left on device; free some space"))
        #expect(try directory.load("web", now: now).profile == profile("web", runs: 1))
        #expect(try scratch.names().allSatisfy { $0.hasPrefix("web.json") }, "\((try? scratch.names()) ?? [])")
        #expect(scratch.remount(readOnly: true))
        let readOnly = try #require(throws: ProfileError.self) { try directory.save(profile("web", runs: 3), now: now) }
        #expect(readOnly.errno == EROFS && readOnly.description.contains("make the directory writable"))
        #expect(try directory.load("web", now: now).profile == profile("web", runs: 1))
    }
}
