// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import FoundationEssentials
import Profiles
import Testing

@Suite("Executions and rights in profiles")
struct ExecutionEntriesTests {
    private let now = Date(timeIntervalSince1970: 1_700_000_000)

    private func profile() -> BehaviourProfile {
        BehaviourProfile(
            key: "web", architecture: .x86_64, target: ProfileTarget(kind: .container, name: "web", command: []),
            environments: [],
            window: ProfileWindow(start: now, end: now, instances: 1, counted: false))
    }

    private func parents(_ names: String..., phase: Phase = .workload) -> [String: ParentEvidence] {
        Dictionary(
            uniqueKeysWithValues: names.map { ($0, ParentEvidence(first: now, last: now, phases: [phase.name])) })
    }

    private func executable(
        _ parents: [String: ParentEvidence]?, origins: [String]? = nil
    ) -> ExecutableEvidence {
        ExecutableEvidence(
            first: now, last: now, phases: [Phase.workload.name], parents: parents, origins: origins)
    }

    private func use(_ phase: Phase = .workload) -> CallEvidence {
        CallEvidence(phases: [phase.name: PhaseEvidence(first: now, last: now, executables: ["/bin/a": 0])])
    }

    private func credentials(
        _ uid: UInt32, _ names: [String], level: UInt32 = 0, isSession: Bool = false
    ) throws -> CredentialSnapshot {
        let set = try #require(CapabilitySet(names: names))
        return CredentialSnapshot(
            key: rf_credential_key(effective: set.rawValue, slot: 1, uid: uid, level: level, judged: isSession ? 1 : 0),
            value: rf_credential())
    }

    private func decision(_ entry: String, _ verdict: ProfileDecision.Verdict) -> ProfileDecision {
        ProfileDecision(entry: entry, verdict: verdict, reason: "a test", author: "ann", date: now)
    }

    @Test(
        "names of rights come back from their text, and others are none",
        arguments: [
            "uid/0", "uid/4294967295", "userns/uid/0", "capability/CAP_CHOWN", "userns/capability/CAP_KILL,#63",
            "uid/*",
            "userns/uid/*", "session/uid/0", "session/userns/capability/CAP_KILL",
        ])
    func names(text: String) {
        #expect(CredentialName(text)?.text == text)
    }

    @Test(
        "text that another right has, or none, is refused",
        arguments: [
            "uid/", "uid/-1", "uid/00", "uid/4294967296", "capability/", "capability/cap_chown", "capability/ALL",
            "capability/CAP_KILL,CAP_CHOWN", "capability/CAP_KILL,", "userns/", "gid/0", "", "uid/**", "uid/*/",
            "session/",
            "userns/session/uid/0", "session/session/uid/0",
        ])
    func refused(text: String) {
        #expect(CredentialName(text) == nil)
        #expect(!ProfileEntry.isValid(ProfileEntry.credential(text)))
    }

    @Test("an executable may be executed by who did it in the workload, and by anybody where that is not known")
    func compiledParents() {
        var profile = profile()
        profile.executables["/bin/sh"] = executable(parents("/sbin/init", "/bin/sh"))
        profile.executables["/bin/old"] = executable(nil)
        profile.executables["/bin/many"] = executable(parents("/bin/a", "(other)"))
        profile.executables["/bin/first"] = executable(parents("/bin/x", phase: .sessionWorkload))
        profile.decisions = [
            decision("parents//bin/sh <- /usr/sbin/nginx", .accept), decision("parents//bin/sh <- /bin/sh", .remove),
        ]
        let policy = CompiledPolicy(profile, allows: AllowLayer(), now: now)
        #expect(policy.parents["/bin/sh"] == ["/sbin/init", "/usr/sbin/nginx"])
        #expect(policy.parents["/bin/old"] == nil && policy.parents["/bin/many"] == nil)
        #expect(policy.parents["/bin/first"] == [])
    }

    @Test("a file may come from where it was learned from, and from anywhere once a person has accepted the executable")
    func compiledOrigins() {
        var profile = profile()
        profile.executables["/bin/a"] = executable(nil, origins: ["image"])
        profile.executables["/bin/b"] = executable(nil, origins: ["image"])
        profile.executables["/bin/c"] = executable(nil)
        profile.decisions = [decision("executables//bin/b", .accept)]
        let policy = CompiledPolicy(profile, allows: AllowLayer(), now: now)
        #expect(policy.origins == ["/bin/a": ["image"]])
    }

    @Test("rights that the workload never had are news: the user, and all capabilities as one")
    func compiledRights() throws {
        var profile = profile()
        profile.credentials = [
            "uid/33": use(), "uid/0": use(.sessionWorkload), "capability/CAP_NET_BIND_SERVICE": use(),
            "userns/uid/0": use(),
        ]
        profile.decisions = [decision("credentials/capability/CAP_CHOWN,CAP_KILL", .accept)]
        let matcher = CompiledPolicy(profile, allows: AllowLayer(), now: now).credentials
        #expect(try matcher.news(in: credentials(33, ["CAP_NET_BIND_SERVICE", "CAP_KILL"])).isEmpty)
        let news = try matcher.news(in: credentials(0, ["CAP_KILL", "CAP_SYS_ADMIN", "CAP_NET_RAW"]))
        #expect(news.map(\.text) == ["uid/0", "capability/CAP_NET_RAW,CAP_SYS_ADMIN"])
        #expect(try matcher.news(in: credentials(0, [], level: 1)).isEmpty)
        #expect(
            try matcher.news(in: credentials(0, ["CAP_KILL"], level: 2)).map(\.text) == ["userns/capability/CAP_KILL"])
        profile.decisions.append(decision("credentials/uid/33", .remove))
        let strict = CompiledPolicy(profile, allows: AllowLayer(), now: now).credentials
        #expect(try strict.news(in: credentials(33, [])).map(\.text) == ["uid/33"])
        profile.credentials = nil
        let open = CompiledPolicy(profile, allows: AllowLayer(), now: now).credentials
        #expect(try open.news(in: credentials(0, ["CAP_SYS_ADMIN"])).isEmpty, "nobody watched")
        #expect(try CompiledPolicy.learning().credentials.news(in: credentials(0, ["CAP_SYS_ADMIN"])).isEmpty)
    }

    @Test("an exec session may have what the workload may and what sessions had, which says nothing of the workload")
    func sessionRights() throws {
        var profile = profile()
        profile.credentials = [
            "uid/33": use(), "uid/0": use(.sessionWorkload), "capability/CAP_KILL": use(.sessionWorkload),
        ]
        func news(_ uid: UInt32, _ names: [String], isSession: Bool) throws -> [String] {
            try CompiledPolicy(profile, allows: AllowLayer(), now: now).credentials
                .news(in: credentials(uid, names, isSession: isSession)).map(\.text)
        }
        for uid in [UInt32(0), 33] { #expect(try news(uid, ["CAP_KILL"], isSession: true).isEmpty) }
        #expect(try news(0, ["CAP_KILL"], isSession: false) == ["uid/0", "capability/CAP_KILL"])
        #expect(
            try news(7, ["CAP_KILL", "CAP_CHOWN"], isSession: true) == [
                "session/uid/7", "session/capability/CAP_CHOWN",
            ])
        profile.decisions = [
            decision("credentials/session/uid/7", .accept), decision("credentials/uid/8", .accept),
            decision("credentials/session/uid/33", .remove),
        ]
        #expect(try news(7, [], isSession: true).isEmpty && news(7, [], isSession: false) == ["uid/7"])
        #expect(try news(8, [], isSession: true).isEmpty && news(8, [], isSession: false).isEmpty)
        #expect(try news(33, [], isSession: true) == ["session/uid/33"] && news(33, [], isSession: false).isEmpty)
    }

    @Test("what a person takes from sessions alone stays with the workload")
    func removedFromSessions() throws {
        var seen = profile()
        var both = use()
        both.phases[Phase.sessionWorkload.name] = use(.sessionWorkload).phases[Phase.sessionWorkload.name]
        seen.credentials = ["uid/33": both, "uid/0": use(.sessionWorkload)]
        var profile = profile()
        profile.decisions = [
            decision("credentials/session/uid/33", .remove), decision("credentials/session/uid/0", .remove),
        ]
        let merged = try ProfileMerge.merge(seen, into: profile).merged
        #expect(merged.credentials?.mapValues { $0.phases.keys.sorted() } == ["uid/33": ["workload"]])
    }

    @Test("what was used and what was held is asked by set, of the workload alone")
    func sets() {
        var profile = profile()
        #expect(profile.usedCapabilities == nil && profile.heldCapabilities == nil)
        profile.capabilitiesUsed = ["CAP_CHOWN": use(), "CAP_KILL": use(.sessionWorkload)]
        profile.credentials = ["uid/0": use(), "capability/CAP_NET_RAW": use(), "capability/CAP_CHOWN": use()]
        #expect(profile.usedCapabilities?.names == ["CAP_CHOWN"])
        #expect(profile.heldCapabilities?.names == ["CAP_CHOWN", "CAP_NET_RAW"])
        #expect(
            profile.heldCapabilities?.subtracting(profile.usedCapabilities ?? .none).names == ["CAP_NET_RAW"],
            "granted and never used")
    }

    @Test("a profile keeps so many parents of an executable by name; one with more may be anybody's child")
    func bounded() throws {
        var profile = profile()
        profile.learning = ProfileLearning(start: now, rule: LearningRule())
        var seen = self.profile()
        let names = (0..<100).map { "/bin/p\($0)" }
        seen.executables["/bin/sh"] = executable(
            Dictionary(
                uniqueKeysWithValues: names.map { ($0, ParentEvidence(first: now, last: now, phases: ["workload"])) }))
        for _ in 0..<2 {
            _ = try Learner.observe(
                seen, epoch: LearningEpoch(instance: "1"), into: &profile, rule: LearningRule(), now: now)
        }
        let parents = try #require(profile.executables["/bin/sh"]?.parents)
        #expect(parents.count == ParentEvidence.limit + 1 && parents["(other)"]?.runs == 2)
        #expect(CompiledPolicy(profile, allows: AllowLayer(), now: now).parents["/bin/sh"] == nil)
    }

    @Test("what a person removed of executions and rights is not learned again, nor what a removed executable executed")
    func removed() throws {
        var profile = profile()
        profile.decisions = [
            decision("parents//bin/sh <- /bin/a", .remove), decision("executables//bin/b", .remove),
            decision("credentials/uid/0", .remove), decision("credentials/capability/CAP_CHOWN,CAP_KILL", .remove),
        ]
        var seen = self.profile()
        seen.executables["/bin/sh"] = executable(parents("/bin/a", "/bin/b", "/bin/c"))
        seen.credentials = [
            "uid/0": use(), "uid/1": use(), "capability/CAP_KILL": use(), "capability/CAP_NET_RAW": use(),
        ]
        let (merged, additions) = try ProfileMerge.merge(seen, into: profile)
        #expect(merged.executables["/bin/sh"]?.parents?.keys.sorted() == ["/bin/c"])
        #expect(merged.credentials?.keys.sorted() == ["capability/CAP_NET_RAW", "uid/1"])
        #expect(additions.credentials.map(\.name) == ["capability/CAP_NET_RAW", "uid/1"] && additions.parents.isEmpty)
        var more = seen
        more.executables["/bin/sh"] = executable(parents("/bin/d"))
        let later = try ProfileMerge.merge(more, into: merged)
        #expect(later.additions.parents == ["/bin/sh by /bin/d"])
        #expect(
            ProfileDiff(from: merged, to: later.merged).lines
                == ["+ parents//bin/sh <- /bin/d: phase workload"])
        #expect(
            later.merged.items.contains("parents//bin/sh <- /bin/d") && later.merged.items.contains("credentials/uid/1")
        )
    }

    @Test("a file without these fields is read, and says that nobody watched")
    func former() throws {
        var profile = profile()
        profile.executables["/bin/sh"] = executable(nil)
        let bytes = try ProfileStore.encode(profile)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("parents"))
        let read = try ProfileStore.decode(bytes, from: "a test")
        #expect(read.executables["/bin/sh"]?.parents == nil && read.credentials == nil && read.capabilitiesUsed == nil)
        profile.executables["/bin/sh"] = executable(parents("/bin/a"), origins: ["image"])
        profile.credentials = [:]
        let again = try ProfileStore.decode(ProfileStore.encode(profile), from: "a test")
        #expect(again.executables["/bin/sh"]?.parents?.keys.sorted() == ["/bin/a"] && again.credentials == [:])
    }
}
