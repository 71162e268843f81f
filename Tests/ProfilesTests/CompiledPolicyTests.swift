// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Testing

private let now = Date(timeIntervalSince1970: 1_767_225_600)

@Suite("CompiledPolicy")
struct CompiledPolicyTests {
    private func number(_ name: String, _ abi: CallABI = .native) throws -> Int {
        try #require(SyscallTable.table(abi, on: .x86_64).number(name))
    }

    private func profile() -> BehaviourProfile {
        var profile = smallProfile()
        let evidence = profile.calls["x86_64"]?["read"]?.phases["workload"]
        for (name, phase) in [("mkdir", "setup"), ("chdir", "setup-filtered"), ("stat", "session")] {
            profile.calls["x86_64"]?[name] = evidence.map { CallEvidence(phases: [phase: $0]) }
        }
        HeldEntries.mark(&profile)
        return profile
    }

    @Test("the workload may do what it did and what is always allowed, and not what only setup or sessions did")
    func workload() throws {
        let policy = CompiledPolicy(profile(), allows: AllowLayer(), now: now)
        let native = try #require(policy.workload[.native])
        let names = Set(native.numbers.map { SyscallTable.table(.native, on: .x86_64).name($0) })
        let always = AlwaysAllowed.calls.filter { SyscallTable.table(.native, on: .x86_64).number($0) != nil }
        #expect(names == always.union(["read", "accept4"]))
        #expect(try policy.workload[.compat]?.contains(number("open", .compat)) == true)
        #expect(try policy.workload[.compat]?.contains(number("sigreturn", .compat)) == true)
        #expect(policy.workload[.x32] == nil, "an ABI that was never used stays closed")
        #expect(policy.workloadIO.numbers == [22] && policy.executables == ["/usr/bin/web"])
    }

    @Test("people's decisions and allows count, until they expire; a rejection closes, an allow opens again")
    func decisions() throws {
        let decider = Review.Decider(author: "ann", reason: "known", date: now)
        let ptrace = "calls/x86_64/ptrace"
        var trained = profile()
        let call = try number("ptrace")
        #expect(CompiledPolicy(trained, allows: AllowLayer(), now: now).workload[.native]?.contains(call) == false)
        var layer = AllowLayer()
        try layer.add(
            AllowLayer.Allow(
                entry: ptrace, scope: .all, author: "ann", reason: "r", date: now, expiry: now + 60))
        try layer.add(
            AllowLayer.Allow(entry: "executables//bin/sh", scope: .all, author: "ann", reason: "r", date: now))
        for (time, expected) in [(now, true), (now + 60, false)] {
            let policy = CompiledPolicy(trained, allows: layer, now: time)
            #expect(policy.workload[.native]?.contains(call) == expected)
            #expect(policy.session[.native]?.contains(call) == expected)
            #expect(policy.executables == ["/usr/bin/web", "/bin/sh"])
        }
        trained = try Review.accept(ptrace, in: trained, by: decider)
        #expect(CompiledPolicy(trained, allows: AllowLayer(), now: now).workload[.native]?.contains(call) == true)
        trained = try Review.hold("calls/x86_64/read", in: trained, by: decider)
        trained = try Review.hold("executables//usr/bin/web", in: trained, by: decider)
        let policy = CompiledPolicy(trained, allows: AllowLayer(), now: now)
        #expect(policy.workload[.native]?.contains(0) == false && policy.executables == [])
    }

    @Test("sessions, and everything while learning, may do all but tiers 0 and 1")
    func learning() throws {
        for policy in [CompiledPolicy.learning(on: .x86_64), CompiledPolicy(profile(), allows: AllowLayer(), now: now)]
        {
            for abi in CallABI.allCases {
                let set = try #require(policy.session[abi])
                for (number, name) in SyscallTable.table(abi, on: .x86_64).entries where number < 576 {
                    let isGrave = NeverAllow.tier(of: name).map { $0 < .notable } ?? false
                    #expect(set.contains(number) == !isGrave, "\(name)")
                }
            }
            #expect(policy.argumentDependent["clone"]?.contains("clone:CLONE_NEWUSER") == true)
            #expect(policy.argumentDependent["socket"]?.contains("socket:AF_ALG") == true)
            #expect(policy.sessionIO.count == 128)
        }
        let accepted = CompiledPolicy.learning(accepted: ["calls/x86_64/mount"], on: .x86_64)
        #expect(try accepted.workload[.native]?.contains(number("mount")) == true)
        #expect(try accepted.workload[.compat]?.contains(number("mount", .compat)) == false)
        #expect(accepted.executables == nil && accepted.workloadIO.count == 128)
    }

    @Test("a set of calls grows, shrinks, unites and gives its words")
    func callSet() {
        var set = CallSet()
        for number in [0, 63, 64, 575, -1] { set.insert(number) }
        #expect(set.numbers == [0, 63, 64, 575] && set.words(count: 9) == [1 | 1 << 63, 1, 0, 0, 0, 0, 0, 0, 1 << 63])
        #expect(set.words(count: 1).count == 1 && CallSet(words: set.words(count: 9)) == set)
        set.remove(575)
        #expect(set == CallSet(words: [1 | 1 << 63, 1]))
        #expect(set.union(CallSet(below: 3)).numbers == [0, 1, 2, 63, 64])
        #expect(CallSet(below: 576).count == 576)
    }
}
