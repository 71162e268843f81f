// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform
import Profiles
import TestSupport
import Testing

@Suite("Unfiled profiles")
struct UnfiledProfilesTests {
    private let workspace: Workspace
    private var path: String { workspace.file("unfiled.jsonl") }

    init() throws { workspace = try Workspace() }

    /// What a container without a name did: `seed` says what, and it is under `key`.
    private func profile(_ key: String, seed: UInt64 = 1) -> BehaviourProfile {
        var random = RandomProfile(seed: seed)
        var profile = random.profile()
        profile.key = key
        // As it is read again: text escaped, lists sorted.
        return (try? ProfileStore.decode(ProfileStore.encode(profile), from: key)) ?? profile
    }

    private func lines(_ name: String) -> Int { workspace.text(name).count { $0 == "\n" } }

    @Test("what was kept is found whole under its key, by the next process too, and the latest if there are two")
    func found() throws {
        let unfiled = UnfiledProfiles(path)
        #expect(!FileTree.exists(path), "nothing is written for nothing")
        try unfiled.append([])
        #expect(!FileTree.exists(path))
        let (early, other, late) = (profile("aa", seed: 1), profile("aab", seed: 2), profile("aa", seed: 3))
        try unfiled.append([early, other])
        #expect(unfiled.find("aa") == early)
        try unfiled.append([late])
        #expect(unfiled.kept == 3 && unfiled.dropped == 0 && lines("unfiled.jsonl") == 3)
        for reader in [unfiled, UnfiledProfiles(path)] {
            #expect(reader.find("aa") == late && reader.find("aab") == other)
            #expect(reader.find("a") == nil && reader.find("aabb") == nil)
        }
    }

    @Test("a key that another one's text mentions is not taken for it")
    func mentioned() throws {
        let unfiled = UnfiledProfiles(path)
        let wanted = profile("wanted", seed: 5)
        var decoy = profile("other")
        decoy.target.name = "wanted"
        try unfiled.append([wanted, decoy])
        #expect(unfiled.find("wanted") == wanted)
    }

    @Test("the file is bounded: a full one becomes the previous one, and what that held is counted as dropped")
    func bounded() throws {
        let limit = 64 << 10
        let unfiled = UnfiledProfiles(path, limit: limit)
        var written = 0
        while !workspace.has("unfiled.jsonl.previous") {
            try unfiled.append([profile("k\(written)")])
            written += 1
        }
        // The last one is the first of the new file.
        #expect(lines("unfiled.jsonl.previous") == written - 1 && lines("unfiled.jsonl") == 1 && unfiled.dropped == 0)
        #expect(unfiled.find("k0") != nil, "it is in the previous one")
        let first = written - 1
        while unfiled.dropped == 0 {
            try unfiled.append([profile("k\(written)")])
            written += 1
        }
        #expect(unfiled.dropped == first && unfiled.kept == written)
        #expect(unfiled.find("k0") == nil && unfiled.find("k\(first)") != nil && unfiled.find("k\(written - 1)") != nil)
        for name in ["unfiled.jsonl", "unfiled.jsonl.previous"] {
            let size = try workspace.bytes(name).count
            #expect(size <= limit)
        }
        #expect(lines("unfiled.jsonl") + lines("unfiled.jsonl.previous") + unfiled.dropped == written)
    }

    @Test("a torn last line hides nothing before it")
    func torn() throws {
        let unfiled = UnfiledProfiles(path)
        let (whole, torn, later) = (profile("a"), profile("b"), profile("c"))
        try unfiled.append([whole, torn])
        let bytes = try workspace.bytes("unfiled.jsonl")
        for cut in [1, 2, 100, bytes.count / 3] {
            try workspace.write(Array(bytes.dropLast(cut)), to: "unfiled.jsonl")
            let reader = UnfiledProfiles(path)
            #expect(reader.find("a") == whole && reader.find("b") == (cut == 1 ? torn : nil), "\(cut)")
            // What comes later stands on a line of its own.
            try reader.append([later])
            #expect(UnfiledProfiles(path).find("c") == later, "\(cut)")
        }
    }

    @Test("it is the daemon's alone to read")
    func mode() throws {
        try UnfiledProfiles(path).append([profile("a")])
        #expect(try Shell.run(["stat", "-c", "%a", path]).output == "600\n")
    }

    @Test("one that is too long for a line is counted as dropped, not as kept, and those beside it are kept")
    func long() throws {
        var long = profile("long")
        for number in 0..<12_000 {
            let path = "/opt/" + String(repeating: "x", count: 80) + "\(number)"
            long.executables[path] = ExecutableEvidence(
                first: long.window.start, last: long.window.start, phases: ["workload"])
        }
        let unfiled = UnfiledProfiles(path)
        let short = profile("b")
        try unfiled.append([profile("a"), long, short])
        #expect(unfiled.kept == 2 && unfiled.dropped == 1 && lines("unfiled.jsonl") == 2)
        #expect(unfiled.find("long") == nil && unfiled.find("b") == short)
    }

    @Test("what cannot be written is an error, and is written when it is tried again")
    func fails() throws {
        let place = workspace.file("not/there/unfiled.jsonl")
        let unfiled = UnfiledProfiles(place)
        #expect(throws: ProfileError.self) { try unfiled.append([profile("a")]) }
        #expect(unfiled.kept == 0)
        try workspace.makeDirectory("not/there")
        let kept = profile("a")
        try unfiled.append([kept])
        #expect(unfiled.kept == 1 && unfiled.find("a") == kept)
    }
}
