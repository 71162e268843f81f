// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Testing

@Suite("ProfileMerge")
struct ProfileMergeTests {
    @Test("both orders give the same, the late growth of arguments aside", arguments: 1...60)
    func commutative(seed: UInt64) throws {
        var random = RandomProfile(seed: seed)
        let (one, other) = (random.profile(), random.profile())
        let there = try ProfileMerge.merge(one, into: other).merged
        let back = try ProfileMerge.merge(other, into: one).merged
        #expect(settled(there) == settled(back))
        #expect(try ProfileStore.encode(settled(there)) == ProfileStore.encode(settled(back)))
    }

    @Test("three profiles give the same in either grouping, counts included", arguments: 1...60)
    func associative(seed: UInt64) throws {
        var random = RandomProfile(seed: seed, decided: false)
        let (a, b, c) = (random.profile(), random.profile(), random.profile())
        let left = try ProfileMerge.merge(c, into: ProfileMerge.merge(b, into: a).merged).merged
        let right = try ProfileMerge.merge(ProfileMerge.merge(c, into: b).merged, into: a).merged
        #expect(settled(left) == settled(right))
    }

    @Test("merging the same once more adds no entry", arguments: 1...60)
    func idempotent(seed: UInt64) throws {
        var random = RandomProfile(seed: seed)
        let (one, other) = (random.profile(), random.profile())
        let once = try ProfileMerge.merge(other, into: one).merged
        let (twice, additions) = try ProfileMerge.merge(other, into: once)
        #expect(additions.isEmpty, "\(additions.lines)")
        #expect(entries(twice) == entries(once))
        #expect(twice.peers?.keys == once.peers?.keys)
        #expect(twice.decisions == once.decisions && twice.environments == once.environments)
        #expect(twice.arguments.values.allSatisfy { !$0.grewLate })
    }

    @Test("a merged profile can be saved and read, and loses nothing", arguments: 1...40)
    func valid(seed: UInt64) throws {
        var random = RandomProfile(seed: seed)
        let (one, other) = (random.profile(), random.profile())
        let merged = try ProfileMerge.merge(one, into: other).merged
        #expect(try ProfileStore.decode(ProfileStore.encode(merged), from: "merged") == merged)
        let removed = Set(merged.verdicts.filter { $0.value == .remove }.keys)
        #expect(entries(merged) == entries(one).union(entries(other)).subtracting(removed))
    }

    @Test("evidence adds up: runs and counts are added, times widen, executables are united")
    func evidence() throws {
        let old = smallProfile()
        var new = smallProfile()
        let phase = PhaseEvidence(
            runs: 2, first: Date(timeIntervalSince1970: 1_700_000_000),
            last: Date(timeIntervalSince1970: 1_800_000_000),
            executables: ["/usr/bin/web": 5, "/bin/sh": .max])
        new.calls["x86_64"]?["read"] = CallEvidence(phases: ["workload": phase, "setup": phase])
        new.window.partial = ["late"]
        new.window.counted = false
        let merged = try ProfileMerge.merge(new, into: old).merged
        let read = try #require(merged.calls["x86_64"]?["read"])
        let united = try #require(read.phases["workload"])
        #expect(united.runs == 3 && united.first == phase.first && united.last == phase.last)
        #expect(united.executables == ["/usr/bin/web": 17, "/bin/sh": .max])
        #expect(read.phases["setup"] == phase)
        #expect(merged.window.runs == 2 && merged.window.instances == 2)
        #expect(merged.window.partial == ["late"] && !merged.window.counted)
        #expect(merged.denied["x86_64"]?["keyctl"]?.runs == 2)
        let again = try ProfileMerge.merge(new, into: merged).merged
        #expect(again.calls["x86_64"]?["read"]?.phases["workload"]?.executables["/bin/sh"] == .max, "saturates")
        #expect(again.window.partial == ["late"])
    }

    @Test("calls under own filters are united, and told apart only where every recording does so")
    func steady() throws {
        let plain = smallProfile()
        var (one, other) = (plain, plain)
        one.window.steady = true
        one.calls["x86_64"]?["read"]?.phases["workload"]?.steady = ["/usr/bin/web"]
        other.window.steady = true
        other.calls["x86_64"]?["read"]?.phases["workload"]?.steady = ["/bin/sh", "/usr/bin/web"]
        other.calls["x86_64"]?["accept4"]?.phases["workload"]?.steady = ["/usr/bin/web"]
        for (new, old) in [(one, other), (other, one)] {
            let merged = try ProfileMerge.merge(new, into: old).merged
            #expect(merged.window.steady == true)
            let calls = try #require(merged.calls["x86_64"]).mapValues { $0.phases["workload"]?.steady }
            #expect(calls == ["read": ["/bin/sh", "/usr/bin/web"], "accept4": ["/usr/bin/web"], "ptrace": nil])
            let bytes = try ProfileStore.encode(merged)
            #expect(try ProfileStore.decode(bytes, from: "merged") == merged)
            let earlier = String(decoding: bytes, as: UTF8.self)
            #expect(earlier.contains(#""steady": ["/bin/sh", "/usr/bin/web"]"#) && earlier.contains(#""steady": true"#))
        }
        // A recording that did not look may have made any call under such a filter.
        #expect(try ProfileMerge.merge(plain, into: one).merged.window.steady == nil)
        #expect(try ProfileMerge.merge(one, into: plain).merged.window.steady == nil)
        one.calls["x86_64"]?["read"]?.phases["workload"]?.steady = ["b", "a", "b"]
        one.calls["x86_64"]?["accept4"]?.phases["workload"]?.steady = []
        let tidy = try ProfileStore.decode(ProfileStore.encode(one), from: "one")
        #expect(tidy.calls["x86_64"]?["read"]?.phases["workload"]?.steady == ["a", "b"])
        #expect(tidy.calls["x86_64"]?["accept4"]?.phases["workload"]?.steady == nil)
    }

    @Test("seventeen values of an argument are sixteen and an overflow")
    func argumentBound() throws {
        var (old, new) = (smallProfile(), smallProfile())
        old.arguments["socket.family"]?.values = ["workload": Array(10..<20)]
        new.arguments["socket.family"]?.values = ["workload": Array(0..<6)]
        let full = try ProfileMerge.merge(new, into: old).merged.arguments["socket.family"]
        #expect(full?.values["workload"]?.count == 16 && full?.overflowed == false && full?.grewLate == true)
        #expect(full?.calls == 14 && full?.runs == 2)
        new.arguments["socket.family"]?.values = ["workload": Array(0..<7), "setup": [1]]
        let over = try ProfileMerge.merge(new, into: old).merged.arguments["socket.family"]
        #expect(over?.values == ["workload": Array(0..<7) + Array(10..<19), "setup": [1]] && over?.overflowed == true)
        new.arguments["socket.family"]?.values = ["workload": [12]]
        #expect(try ProfileMerge.merge(new, into: old).merged.arguments["socket.family"]?.grewLate == false)
    }

    @Test("what was removed is not learned again, until it is accepted")
    func removed() throws {
        var old = smallProfile()
        let date = old.window.end
        for entry in ["calls/x86_64/read", "ioUring/IORING_OP_READ", "executables//usr/bin/web", "calls/i386/open"] {
            old.decisions.append(
                ProfileDecision(entry: entry, verdict: .remove, reason: "not ours", author: "ann", date: date))
        }
        let (merged, additions) = try ProfileMerge.merge(smallProfile(), into: old)
        #expect(merged.calls["x86_64"]?["read"] == nil && merged.calls["x86_64"]?["accept4"] != nil)
        #expect(merged.calls["i386"] == nil && merged.ioUring.isEmpty && merged.executables.isEmpty)
        #expect(additions.isEmpty)
        #expect(merged.decisions == old.decisions)

        var later = smallProfile()
        later.decisions = [
            ProfileDecision(
                entry: "calls/x86_64/read", verdict: .accept, reason: "after all", author: "bob", date: date + 1)
        ]
        let (accepted, regained) = try ProfileMerge.merge(later, into: merged)
        #expect(accepted.calls["x86_64"]?["read"] != nil)
        #expect(regained.calls.map(\.name) == ["read"])
    }

    @Test("of two decisions in one second the one that was made last counts")
    func sameSecond() throws {
        var one = smallProfile()
        let date = one.window.end
        for verdict in [ProfileDecision.Verdict.remove, .accept] {
            one.decisions.append(
                ProfileDecision(entry: "calls/x86_64/read", verdict: verdict, reason: "r", author: "ann", date: date))
        }
        #expect(try ProfileMerge.merge(one, into: smallProfile()).merged.verdicts["calls/x86_64/read"] == .accept)
        #expect(try ProfileMerge.merge(smallProfile(), into: one).merged.verdicts["calls/x86_64/read"] == .accept)
    }

    @Test("profiles of different things are refused, naming both")
    func different() throws {
        var new = smallProfile()
        new.key = "docker:db"
        let error = try #require(throws: ProfileError.self) { try ProfileMerge.merge(new, into: smallProfile()) }
        #expect(error.description.contains("docker:db") && error.description.contains("command:/usr/bin/web"))
        #expect(
            try ProfileMerge.merge(new, into: smallProfile(), allowDifferentKey: true).merged.key == smallProfile().key)
        new = smallProfile()
        new.architecture = .arm64
        let other = try #require(throws: ProfileError.self) {
            try ProfileMerge.merge(new, into: smallProfile(), allowDifferentKey: true)
        }
        #expect(other.description.contains("arm64") && other.description.contains("x86_64"))
    }

    @Test("the additions say what is new, and who did it")
    func additions() throws {
        var new = smallProfile()
        let evidence = try #require(new.calls["x86_64"]?["read"]?.phases["workload"])
        new.calls["x86_64"]?["bpf"] = CallEvidence(phases: ["workload": evidence])
        new.calls["x86_64"]?["read"]?.phases["setup"] = evidence
        new.ioUring["IORING_OP_OPENAT"] = CallEvidence(phases: ["workload": evidence])
        new.executables["/bin/sh"] = new.executables["/usr/bin/web"]
        new.arguments["socket.family"]?.values["workload"] = [1, 2, 10, 38]
        new.arguments["clone.flags"] = ArgumentEvidence(values: ["workload": [17]])
        let reason = try #require(NeverAllow.reason(for: "bpf"))
        #expect(
            try ProfileMerge.merge(new, into: smallProfile()).additions.lines == [
                "x86_64 bpf (workload) by /usr/bin/web, held for review: \(reason)",
                "x86_64 read (setup) by /usr/bin/web",
                "IORING_OP_OPENAT (workload) by /usr/bin/web",
                "executable /bin/sh",
                "clone.flags SIGCHLD (workload)",
                "socket.family AF_ALG (workload)",
            ])
        #expect(try ProfileMerge.merge(smallProfile(), into: smallProfile()).additions.isEmpty)
    }

    /// Without what may depend on the order of merging.
    private func settled(_ profile: BehaviourProfile) -> BehaviourProfile {
        var settled = profile
        for name in profile.arguments.keys { settled.arguments[name]?.grewLate = false }
        return settled
    }

    private func entries(_ profile: BehaviourProfile) -> Set<String> {
        Set(profile.calls.flatMap { abi, calls in calls.keys.map { ProfileEntry.call($0, abi: abi) } })
            .union(profile.ioUring.keys.map(ProfileEntry.ioUring)).union(
                profile.executables.keys.map(ProfileEntry.executable))
    }
}
