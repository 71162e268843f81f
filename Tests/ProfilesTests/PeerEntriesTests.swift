// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Testing

private let now = Date(timeIntervalSince1970: 1_767_225_600)

@Suite("Peers of a profile")
struct PeerEntriesTests {
    private let decider = Review.Decider(author: "ann", reason: "known", date: now)

    private func evidence(_ phase: Phase = .workload, first: Date = now) -> CallEvidence {
        CallEvidence(phases: [phase.name: PhaseEvidence(first: first, last: first, executables: ["/bin/a": 0])])
    }

    private func profile(_ names: [String], _ phase: Phase = .workload) -> BehaviourProfile {
        var profile = smallProfile()
        profile.peers = Dictionary(uniqueKeysWithValues: names.map { ($0, evidence(phase)) })
        HeldEntries.mark(&profile)
        return profile
    }

    private func addresses(_ range: Range<Int>) -> [String] { range.map { "connect/tcp/203.0.113.\($0):443" } }

    private func policy(_ profile: BehaviourProfile, _ allows: AllowLayer = AllowLayer()) -> PeerMatcher {
        CompiledPolicy(profile, allows: allows, now: now).peers
    }

    private func allows(_ matcher: PeerMatcher, _ text: String) throws -> Bool {
        matcher.allows(try #require(PeerName(text)))
    }

    @Test("seventeen neighbours are a prefix, however they come together; sixteen are not")
    func prefix() throws {
        let few = profile(addresses(0..<16))
        #expect(try ProfileMerge.merge(few, into: few).merged.peers?.count == 16)
        let (merged, additions) = try ProfileMerge.merge(profile(addresses(10..<17)), into: few)
        #expect(merged.peers?.keys.sorted() == ["connect/tcp/203.0.113.0/24:443"])
        #expect(additions.peers.map(\.name) == ["connect/tcp/203.0.113.0/24:443"])
        #expect(try allows(policy(merged), "connect/tcp/203.0.113.200:443"))
        #expect(try !allows(policy(merged), "connect/tcp/203.0.113.200:80"))
        #expect(try !allows(policy(merged), "send/udp/203.0.113.200:443"))
        #expect(try !allows(policy(merged), "connect/tcp/203.0.114.1:443"))
        let more = try ProfileMerge.merge(profile(addresses(90..<91)), into: merged).merged
        #expect(more.peers?.count == 1 && more.peers?.values.first?.phases["workload"]?.runs == 24)
    }

    @Test("seventeen prefixes of a port are any address of that port, but for the metadata service")
    func anyAddress() throws {
        let prefixes = (0..<16).map { "connect/tcp/10.0.\($0).0/24:443" }
        #expect(PeerEntries.bounded(profile(prefixes).peers ?? [:]).kept.count == 16)
        let six = "connect/tcp/[2001:db8::]/64:443"
        let kept = PeerEntries.bounded(profile(prefixes + [six, "connect/tcp/192.0.2.1:443"]).peers ?? [:]).kept
        #expect(kept.keys.sorted() == ["connect/tcp/*:443"])
        let matcher = policy(profile(["connect/tcp/*:443"]))
        #expect(try allows(matcher, "connect/tcp/198.51.100.1:443"))
        #expect(try !allows(matcher, "connect/tcp/169.254.169.254:443"))
    }

    @Test("an exec session's peers allow the workload nothing, alone or as neighbours")
    func sessions() throws {
        let session = profile(addresses(0..<12), .sessionWorkload)
        #expect(
            try !allows(policy(session), "connect/tcp/203.0.113.1:443") && session.items.isDisjoint(with: ["peers/x"]))
        let merged = try ProfileMerge.merge(profile(addresses(12..<24)), into: session).merged
        #expect(merged.peers?.count == 24)
        #expect(try allows(policy(merged), "connect/tcp/203.0.113.12:443"))
        #expect(try !allows(policy(merged), "connect/tcp/203.0.113.1:443"))
    }

    @Test("of more peers than a profile keeps the first stay, and the window says so, in any order")
    func bound() throws {
        var (one, other) = (smallProfile(), smallProfile())
        one.peers = [:]
        other.peers = ["unix//run/late.sock": evidence(first: now + 9999)]
        for index in 0..<600 {
            let name = "connect/tcp/10.\(index / 250).\(index % 250).1:443"
            if index % 2 == 0 { one.peers?[name] = evidence(first: now + Double(index)) }
            if index % 3 == 0 || index % 2 == 1 { other.peers?[name] = evidence(first: now + Double(index)) }
        }
        let there = try ProfileMerge.merge(one, into: other).merged
        let back = try ProfileMerge.merge(other, into: one).merged
        #expect(there == back && there.peers?.count == PeerEntries.limit)
        #expect(there.peers?["connect/tcp/10.2.11.1:443"] != nil && there.peers?["connect/tcp/10.2.12.1:443"] == nil)
        #expect(there.window.partial == [PeerEntries.partialReason])
    }

    @Test("an engine's socket is held until somebody accepts it, and no item of novelty")
    func engineSocket() throws {
        let held = profile(["unix//run/docker.sock", "unix//run/app.sock"])
        #expect(held.heldEntries.contains("peers/unix//run/docker.sock"))
        #expect(!held.heldEntries.contains("peers/unix//run/app.sock"))
        #expect(held.items.filter { $0.hasPrefix("peers/") } == ["peers/unix//run/app.sock"])
        #expect(try !allows(policy(held), "unix//run/docker.sock") && allows(policy(held), "unix//run/app.sock"))
        #expect(try !allows(PeerMatcher.open(), "unix//run/docker.sock") && allows(PeerMatcher.open(), "unix//run/x"))
        let entry = "peers/unix//run/docker.sock"
        #expect(try allows(PeerMatcher.open(accepted: [entry]), "unix//run/docker.sock"))
        let accepted = try Review.accept(entry, in: held, by: decider)
        #expect(!accepted.heldEntries.contains(entry) && accepted.decisions.last?.verdict == .accept)
        #expect(try allows(policy(accepted), "unix//run/docker.sock"))
    }

    @Test("the narrowest decision counts; what was removed is not learned again; an allow opens for its time")
    func decisions() throws {
        var known = profile(addresses(0..<20))
        known = try ProfileMerge.merge(known, into: known).merged
        known = try Review.hold("peers/connect/tcp/203.0.113.7:443", in: known, by: decider)
        #expect(try !allows(policy(known), "connect/tcp/203.0.113.7:443"))
        #expect(try allows(policy(known), "connect/tcp/203.0.113.8:443"))
        known = try Review.reject("peers/connect/tcp/203.0.113.0/24:443", in: known, by: decider)
        #expect(known.peers?.isEmpty == true)
        let again = try ProfileMerge.merge(profile(addresses(0..<20)), into: known).merged
        #expect(again.peers?.keys.sorted() == ["connect/tcp/203.0.113.7:443"] && again.peers?.values.first?.held != nil)
        #expect(try !allows(policy(again), "connect/tcp/203.0.113.8:443"))
        var layer = AllowLayer()
        try layer.add(
            AllowLayer.Allow(
                entry: "peers/connect/tcp/203.0.113.8:443", scope: .all, author: "ann", reason: "r", date: now))
        #expect(try allows(policy(again, layer), "connect/tcp/203.0.113.8:443"))
        #expect(throws: ProfileError.self) { try Review.accept("peers/connect/tcp/x", in: known, by: decider) }
    }

    @Test("a profile that was learned without peers is compared without them, and relearning begins to learn them")
    func unwatched() throws {
        var old = smallProfile()
        #expect(old.peers == nil)
        #expect(try ProfileStore.decode(ProfileStore.encode(old), from: "old") == old)
        #expect(try allows(policy(old), "connect/tcp/203.0.113.7:443"))
        #expect(try !allows(policy(old), "unix//run/docker.sock"))
        old.peers = [:]
        let none = try ProfileStore.decode(ProfileStore.encode(old), from: "none")
        #expect(none.peers == [:])
        #expect(try !allows(policy(none), "connect/tcp/203.0.113.7:443"))
        #expect(try Review.relearn(none, rule: LearningRule(), by: decider).peers == nil)
    }

    @Test("an address of a known prefix is no novelty, and what becomes a prefix is no longer one epoch's alone")
    func novelty() throws {
        let rule = LearningRule(windowSeconds: 3600, epochSeconds: 1, warmUpEpochs: 0)
        var learned = Learner.begin(like: profile([]), rule: rule, now: now)
        func observe(_ names: [String]) throws -> Learner.Outcome {
            try Learner.observe(
                profile(names), epoch: LearningEpoch(instance: "a"), into: &learned, rule: rule, now: now)
        }
        for index in 0..<16 { _ = try observe(addresses(index..<(index + 1))) }
        #expect(learned.learning?.singletons.keys.filter { $0.hasPrefix("peers/") }.count == 16)
        _ = try observe(addresses(16..<17))
        #expect(learned.peers?.keys.sorted() == ["connect/tcp/203.0.113.0/24:443"])
        #expect(learned.learning?.singletons.keys.contains { $0.hasPrefix("peers/") } == false)
        let outcome = try observe(addresses(100..<105))
        #expect(outcome.additions.peers.isEmpty)
        #expect(learned.peers?.values.first?.phases["workload"]?.runs == 18)
        #expect(learned.learning?.singletons.keys.contains { $0.hasPrefix("peers/") } == false)
    }

    @Test("evidence and differences name peers")
    func words() throws {
        let known = profile(["connect/tcp/203.0.113.0/24:443"])
        let lines = known.evidence(
            of: ["peers/connect/tcp/203.0.113.9:443", "peers/listen/tcp/*:80"], allows: AllowLayer(), share: 0.05,
            now: now)
        #expect(
            lines.contains {
                $0.hasPrefix(
                    "peers/connect/tcp/203.0.113.9:443: part of connect/tcp/203.0.113.0/24:443, seen in workload")
            }, "\(lines)")
        #expect(lines.contains("peers/listen/tcp/*:80: not in the profile"))
        let diff = ProfileDiff(from: profile([]), to: known)
        #expect(diff.changes.map(\.entry) == ["peers/connect/tcp/203.0.113.0/24:443"])
    }
}
