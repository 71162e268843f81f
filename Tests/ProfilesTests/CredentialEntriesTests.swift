// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import FoundationEssentials
import Profiles
import Testing

@Suite("Users of profiles")
struct CredentialEntriesTests {
    private let now = Date(timeIntervalSince1970: 1_700_000_000)
    private let limit = UInt32(CredentialEntries.userLimit)

    private func profile(_ names: [String], _ phase: Phase = .workload) -> BehaviourProfile {
        var profile = BehaviourProfile(
            key: "web", architecture: .x86_64, target: ProfileTarget(kind: .container, name: "web", command: []),
            environments: [],
            window: ProfileWindow(start: now, end: now, instances: 1, counted: false))
        profile.credentials = Dictionary(
            uniqueKeysWithValues: names.enumerated().map { index, name in
                let first = now + Double(index)
                return (
                    name,
                    CallEvidence(phases: [
                        phase.name: PhaseEvidence(first: first, last: first, executables: ["/bin/a": 0])
                    ])
                )
            })
        return profile
    }

    private func users(_ count: UInt32, from first: UInt32 = 1000, _ prefix: String = "") -> [String] {
        (0..<count).map { "\(prefix)uid/\(first + $0)" }
    }

    private func names(_ profile: BehaviourProfile) -> [String] { profile.credentials?.keys.sorted() ?? [] }

    /// What of a process is news.
    private func news(
        _ profile: BehaviourProfile, _ uid: UInt32, _ effective: CapabilitySet = .none, level: UInt32 = 0,
        isSession: Bool = false
    ) -> [String] {
        let seen = CredentialSnapshot(
            key: rf_credential_key(
                effective: effective.rawValue, slot: 1, uid: uid, level: level, judged: isSession ? 1 : 0),
            value: rf_credential())
        return CompiledPolicy(profile, allows: AllowLayer(), now: now).credentials.news(in: seen).map(\.text)
    }

    private func learned(_ epochs: [[String]]) throws -> BehaviourProfile {
        var learned = profile([])
        learned.learning = ProfileLearning(start: now, rule: LearningRule(warmUpEpochs: 0))
        for names in epochs {
            _ = try Learner.observe(
                profile(names), epoch: LearningEpoch(instance: "1"), into: &learned, rule: LearningRule(), now: now)
        }
        return learned
    }

    @Test("as many as a service has are kept one by one; one more, in whichever epoch, makes it any user but root")
    func limits() throws {
        let few = try learned([users(limit) + ["uid/0"]])
        #expect(names(few) == (users(limit) + ["uid/0"]).sorted())
        #expect(news(few, 1000 + limit) == ["uid/\(1000 + limit)"])
        let many = try learned((0...limit).map { ["uid/\(1000 + $0)", "uid/0"] })
        #expect(names(many) == ["uid/*", "uid/0"])
        #expect(many.credentials?["uid/*"]?.phases["workload"]?.runs == Int(limit) + 1)
        #expect(news(many, 4242).isEmpty && news(many, 0).isEmpty)
        let known = try #require(many.learning?.singletons.keys)
        #expect(!known.contains { $0.hasPrefix("credentials/uid/1") }, "\(known)")
    }

    @Test("root, capabilities, user namespaces and sessions are not among any user")
    func apart() throws {
        let chown = try #require(CapabilitySet(names: ["CAP_CHOWN"]))
        let many = try learned([users(limit + 1)])
        #expect(names(many) == ["uid/*"])
        #expect(news(many, 0, chown) == ["uid/0", "capability/CAP_CHOWN"])
        #expect(news(many, 77, chown) == ["capability/CAP_CHOWN"])
        #expect(news(many, 77, level: 1) == ["userns/uid/77"])
        let inner = try learned([users(limit + 1, "userns/")])
        #expect(news(inner, 77) == ["uid/77"] && news(inner, 77, level: 1).isEmpty)
        #expect(news(inner, 0, level: 1) == ["userns/uid/0"])
        var sessions = try learned([[]])
        _ = try Learner.observe(
            profile(users(limit + 1), .sessionWorkload), epoch: LearningEpoch(instance: "1"), into: &sessions,
            rule: LearningRule(), now: now)
        #expect(news(sessions, 77) == ["uid/77"] && news(sessions, 77, isSession: true).isEmpty)
        #expect(news(sessions, 0, isSession: true) == ["session/uid/0"])
    }

    @Test("once it is any user, more of them are no news, and count one run each time")
    func later() throws {
        var many = try learned([users(limit + 1)])
        let first = try #require(many.credentials?["uid/*"]?.phases["workload"]?.runs)
        #expect(first == Int(limit) + 1)
        let outcome = try Learner.observe(
            profile(users(3, from: 5000)), epoch: LearningEpoch(instance: "2"), into: &many, rule: LearningRule(),
            now: now)
        #expect(outcome.additions.credentials.isEmpty && names(many) == ["uid/*"])
        #expect(many.credentials?["uid/*"]?.phases["workload"]?.runs == first + 1)
        let again = profile(users(3, from: 5000)).news(to: many)
        #expect(again.credentials == [:], "what is known already is not counted again after a crash")
        #expect(many.items.contains("credentials/uid/*"))
        let bounded = CredentialEntries.bounded(ofOneRun: profile(users(limit + 9)).credentials ?? [:])
        #expect(bounded.mapValues { $0.phases["workload"]?.runs } == ["uid/*": 1])
    }

    @Test("it comes back from a profile's file, and so do users beyond the limit that an earlier version kept")
    func stored() throws {
        let many = try learned([users(limit + 1) + ["uid/0", "capability/CAP_KILL"]])
        let read = try ProfileStore.decode(try ProfileStore.encode(many), from: "a test")
        #expect(names(read) == ["capability/CAP_KILL", "uid/*", "uid/0"] && read.credentials == many.credentials)
        #expect(news(read, 4242).isEmpty && news(read, 4242, level: 1) == ["userns/uid/4242"])
        let old = try ProfileStore.decode(try ProfileStore.encode(profile(users(40))), from: "a test")
        #expect(names(old).count == 40 && news(old, 77) == ["uid/77"])
        #expect(names(try ProfileMerge.merge(profile([]), into: old).merged) == ["uid/*"])
        var session = profile(["uid/1"])
        let one = session.credentials?["uid/1"]
        session.credentials?["session/uid/0"] = one
        #expect(names(try ProfileStore.decode(try ProfileStore.encode(session), from: "a test")) == ["uid/1"])
    }

    @Test("who takes any user out keeps the first, and who takes one user out of any is heard")
    func decisions() throws {
        func decided(_ entry: String) throws -> BehaviourProfile {
            var decided = try learned([])
            decided.decisions = [
                ProfileDecision(entry: entry, verdict: .remove, reason: "a test", author: "ann", date: now)
            ]
            for _ in 0..<2 {
                _ = try Learner.observe(
                    profile(users(limit + 5)), epoch: LearningEpoch(instance: "1"), into: &decided,
                    rule: LearningRule(), now: now)
            }
            return decided
        }
        let strict = try decided("credentials/uid/*")
        #expect(names(strict) == users(limit).sorted() && news(strict, 1000 + limit) == ["uid/\(1000 + limit)"])
        let one = try decided("credentials/uid/1003")
        #expect(names(one) == ["uid/*"] && news(one, 1003) == ["uid/1003"] && news(one, 1004).isEmpty)
    }
}
