// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Testing

private let start = Date(timeIntervalSince1970: 1_767_225_600)
private let rule = LearningRule(windowSeconds: 60, epochSeconds: 1, warmUpEpochs: 1)
private let decider = Review.Decider(author: "ann", reason: "known", date: start)

/// What one epoch did: calls of the workload and of exec sessions, by executable.
private func epoch(
    _ calls: [String], sessions: [String: [String]] = [:], digest: String = "sha256:1"
) -> BehaviourProfile {
    var profile = BehaviourProfile(
        key: "docker:web", architecture: .x86_64,
        target: ProfileTarget(kind: .container, name: "web", digests: [digest]),
        environments: [ProfileEnvironment(kernel: "6.18.0")], window: ProfileWindow(start: start, end: start + 1))
    func add(_ call: String, _ phase: String, _ path: String) {
        var evidence = profile.calls["x86_64"]?[call] ?? CallEvidence(phases: [:])
        var use = evidence.phases[phase] ?? PhaseEvidence(first: start, last: start, executables: [:])
        use.executables[path] = 0
        evidence.phases[phase] = use
        profile.calls["x86_64", default: [:]][call] = evidence
    }
    for call in calls { add(call, "workload", "/usr/bin/web") }
    for (path, calls) in sessions { for call in calls { add(call, "session", path) } }
    profile.executables["/usr/bin/web"] = ExecutableEvidence(first: start, last: start, phases: ["workload"])
    HeldEntries.mark(&profile)
    return profile
}

/// Whether a session is told apart from others as the daemon does it.
private func isProbe(_ profile: BehaviourProfile, _ executable: String, _ arguments: [String]) -> Bool {
    profile.knownProbes.contains { $0.matches(executable: executable, arguments: arguments) }
}

@Suite("Learner")
struct LearnerTests {
    private func begun() -> BehaviourProfile { Learner.begin(like: epoch(["read"]), rule: rule, now: start) }

    @discardableResult
    private func learn(
        _ profile: inout BehaviourProfile, _ observation: BehaviourProfile, times: Int = 1, at second: Int = 0,
        rule: LearningRule = rule, sessions: [LearningEpoch.Session] = []
    ) throws -> Learner.Outcome? {
        var last: Learner.Outcome?
        for _ in 0..<times {
            last = try Learner.observe(
                observation, epoch: LearningEpoch(instance: "c1", sessions: sessions), into: &profile, rule: rule,
                now: start + Double(second))
        }
        return last
    }

    @Test("a quiet container is monitored after the warm-up and 59 epochs, and not before its window is over")
    func becomesMonitored() throws {
        var profile = begun()
        try learn(&profile, epoch(["read", "write"]), times: 59, at: 59)
        #expect(profile.learning?.state == .learning && profile.learning?.epochs == 58)
        #expect(profile.calls["x86_64"]?["read"]?.phases["workload"]?.runs == 59 && profile.window.runs == 59)
        try learn(&profile, epoch(["read"]), at: 59)
        #expect(profile.learning?.state == .learning, "59 quiet epochs, but the window lasts a second more")
        let outcome = try learn(&profile, epoch(["read"]), at: 60)
        #expect(outcome?.newState == .monitoring && profile.learning?.state == .monitoring)
        #expect(profile.calls["x86_64"]?["write"]?.phases["workload"]?.runs == 59)
    }

    @Test("an item of one epoch is a singleton until a second one brings it; held calls are none")
    func singletons() throws {
        var profile = begun()
        try learn(&profile, epoch(["read"]), times: 3)
        try learn(&profile, epoch(["read", "open", "stat", "ptrace"]))
        #expect(profile.learning?.singletons == ["calls/x86_64/open": 3, "calls/x86_64/stat": 3])
        #expect(Readiness(try #require(profile.learning), now: start).novelEpochs == 1)
        #expect(profile.calls["x86_64"]?["ptrace"]?.held != nil)
        try learn(&profile, epoch(["read", "open"]))
        #expect(profile.learning?.singletons == ["calls/x86_64/stat": 3])
        try learn(&profile, epoch(["read", "lstat"]))
        #expect(profile.learning.map { Set($0.singletons.values) } == [3, 5])
    }

    @Test("with mode learn it becomes ready, goes on learning, and is no longer ready when much is new")
    func modeLearn() throws {
        let learning = LearningRule(windowSeconds: 0, epochSeconds: 1, warmUpEpochs: 0, mode: .learn)
        var profile = Learner.begin(like: epoch([]), rule: learning, now: start)
        let outcome = try learn(&profile, epoch(["read"]), times: 60, rule: learning)
        #expect(profile.learning?.state == .ready)
        #expect(outcome?.widened == true)
        let more = try learn(&profile, epoch(["write"]), rule: learning)
        #expect(profile.calls["x86_64"]?["write"] != nil && more?.newState == .learning)
    }

    @Test("monitoring and locked profiles are not widened, what is new is told", arguments: [true, false])
    func closed(locked: Bool) throws {
        var profile = begun()
        try learn(&profile, epoch(["read"]), times: 3)
        profile =
            locked
            ? Review.lock(profile, now: start) : try Review.approve(profile, rule: rule, by: decider)
        let before = profile
        let outcome = try learn(&profile, epoch(["read", "bpf", "stat"]))
        #expect(outcome?.widened == false && outcome?.additions.calls.map(\.name) == ["bpf", "stat"])
        #expect(profile.calls == before.calls && profile.executables == before.executables)
        #expect(profile.window == before.window && profile.learning?.monitored == 1)
        profile = Review.lock(profile, false, now: start)
        #expect(profile.learning?.locked == false)
    }

    @Test("a new digest inherits the profile as provisional, once; approving makes it the profile's own")
    func imageChange() throws {
        var profile = begun()
        try learn(&profile, epoch(["read"]), times: 3)
        let learned = try learn(&profile, epoch(["read", "open"], digest: "sha256:2"))?.imageChange
        #expect(learned?.isProvisional == false && learned?.additions.calls.map(\.name) == ["open"])
        profile = try Review.approve(profile, rule: rule, by: decider)
        #expect(profile.learning?.forced?.author == "ann")
        let change = try learn(&profile, epoch(["read", "stat"], digest: "sha256:3"))?.imageChange
        #expect(change?.isProvisional == true && change?.digests == ["sha256:3"] && change?.instance == "c1")
        #expect(change?.additions.calls.map(\.name) == ["stat"])
        #expect(profile.learning?.provisional == ["sha256:3"] && profile.target.digests == ["sha256:1", "sha256:2"])
        #expect(try learn(&profile, epoch(["read"], digest: "sha256:3"))?.imageChange == nil)
        profile = try Review.approve(profile, rule: rule, by: decider)
        #expect(profile.learning?.provisional == [] && profile.target.digests.count == 3)
    }

    @Test("a rejected entry is never learned again, and a relearned profile keeps decisions alone")
    func decisions() throws {
        var profile = begun()
        try learn(&profile, epoch(["read", "open"]), times: 2)
        profile = try Review.reject("calls/x86_64/open", in: profile, by: decider)
        #expect(profile.calls["x86_64"]?["open"] == nil)
        let outcome = try learn(&profile, epoch(["read", "open"]), times: 2)
        #expect(profile.calls["x86_64"]?["open"] == nil && outcome?.additions.isEmpty == true)
        #expect(profile.learning?.singletons == [:])
        let later = Review.Decider(author: "bob", reason: "a new version", date: start + 99)
        var again = try Review.relearn(profile, rule: rule, by: later)
        #expect(again.calls.isEmpty && again.decisions == profile.decisions && again.learning?.start == start + 99)
        try learn(&again, epoch(["read", "open"]))
        #expect(again.calls["x86_64"]?.keys.sorted() == ["read"] && again.window.runs == 1)
        #expect(throws: ProfileError.self) {
            try Review.relearn(Review.lock(profile, now: start), rule: rule, by: later)
        }
        #expect(throws: ProfileError.self) { try Review.reject("calls/x86_64/raed", in: profile, by: decider) }
    }

    @Test("a session that recurs in two epochs is a probe; another session's executable is not mixed in")
    func probes() throws {
        var profile = begun()
        let check = LearningEpoch.Session(executable: "/bin/curl", arguments: ["curl", "-f", "localhost"])
        let person = LearningEpoch.Session(
            executable: "/bin/sh", arguments: ["sh"], executables: ["/bin/curl", "/bin/sh"])
        try learn(&profile, epoch(["read"], sessions: ["/bin/curl": ["socket"]]), sessions: [check, check])
        #expect(profile.knownProbes.isEmpty && !isProbe(profile, "/bin/curl", check.arguments))
        let outcome = try learn(
            &profile, epoch(["read"], sessions: ["/bin/curl": ["connect"], "/bin/sh": ["ptrace"]]),
            sessions: [check, person])
        #expect(outcome?.newProbes == ["curl -f localhost"])
        #expect(isProbe(profile, "/bin/curl", check.arguments))
        #expect(!isProbe(profile, "/bin/curl", ["curl", "evil"]))
        #expect(!isProbe(profile, "/bin/sh", ["sh"]))
        #expect(profile.knownProbes.first?.calls == ["x86_64": ["socket"]])
        try learn(&profile, epoch(["read"], sessions: ["/bin/curl": ["connect"]]), sessions: [check])
        #expect(profile.knownProbes.first?.calls == ["x86_64": ["connect", "socket"]])
        #expect(try ProfileStore.decode(ProfileStore.encode(profile), from: "p").probes == profile.probes)
    }

    @Test("a configured command is a probe at once, and one with the session that shows its executable")
    func configuredProbe() throws {
        var profile = epoch(["read"], sessions: ["/usr/bin/curl": ["socket"], "/bin/bash": ["mount"]])
        profile.markProbe(command: ["curl", "-f"], executables: ["/usr/bin/curl"])
        #expect(isProbe(profile, "/usr/bin/curl", ["curl", "-f"]))
        #expect(profile.knownProbes.first?.calls == ["x86_64": ["socket"]])
        let session = LearningEpoch.Session(executable: "/usr/bin/curl", arguments: ["curl", "-f"])
        try learn(
            &profile, epoch(["read"], sessions: ["/usr/bin/curl": ["connect"]]), sessions: [session])
        #expect(profile.probes?.count == 1 && profile.probes?.first?.executable == "/usr/bin/curl")
        #expect(profile.probes?.first?.calls == ["x86_64": ["connect", "socket"]])
    }

    @Test("a container that runs ever new files fills its profile to a bound")
    func bounded() throws {
        var profile = begun()
        var flood = epoch(["read"])
        for number in 0..<(Learner.executableLimit + 500) {
            let path = "/tmp/\(number)"
            flood.executables[path] = ExecutableEvidence(first: start, last: start, phases: ["workload"])
            flood.calls["x86_64"]?["read"]?.phases["workload"]?.executables[path] = 0
        }
        try learn(&profile, flood, times: 2)
        #expect(profile.executables.count <= Learner.executableLimit + 1)
        #expect(profile.executables[Learner.otherExecutables]?.runs == 2)
        #expect(
            profile.calls["x86_64"]?["read"]?.phases["workload"].map { $0.executables.count } ?? .max
                <= Learner.executableLimit + 2)
    }

    @Test("an imported recording is compared at once, and says where it came from")
    func imported() throws {
        let recording = Review.export(epoch(["read", "ptrace"]))
        #expect(recording.learning == nil)
        let baseline = try Review.importing(recording, as: "k8s:web", from: "web.json", rule: rule, by: decider)
        #expect(baseline.key == "k8s:web" && baseline.learning?.state == .monitoring)
        #expect(baseline.learning?.imported?.source == "web.json (docker:web)")
        #expect(baseline.calls["x86_64"]?["ptrace"]?.held != nil && baseline.maturity(share: 0.05, now: start) == 1)
        #expect(try ProfileStore.decode(ProfileStore.encode(baseline), from: "p") == baseline)
    }

    @Test("a diff tells meaning, not counts")
    func diff() throws {
        var profile = begun()
        try learn(&profile, epoch(["read", "open"]), times: 2)
        let before = profile
        try learn(&profile, epoch(["read"]), times: 5, at: 7)
        #expect(ProfileDiff(from: before, to: profile).isEmpty)
        profile = try Review.reject("calls/x86_64/open", in: profile, by: decider)
        try learn(&profile, epoch(["read", "stat"], sessions: ["/bin/sh": ["read"]]))
        #expect(
            ProfileDiff(from: before, to: profile).lines == [
                "~ calls/x86_64/open: decision remove added, phase workload removed, "
                    + "phase workload by /usr/bin/web removed",
                "~ calls/x86_64/read: phase session added, phase session by /bin/sh added",
                "+ calls/x86_64/stat: phase workload, phase workload by /usr/bin/web",
            ])
        let json = String(decoding: try ProfileDiff(from: before, to: profile).encoded(), as: UTF8.self)
        #expect(json.contains("\"entry\": \"calls/x86_64/stat\", \"kind\": \"added\""))
    }
}
