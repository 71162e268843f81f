// SPDX-License-Identifier: Apache-2.0
import Events
import Profiles
import Testing

@Suite("HeldEntries")
struct HeldEntriesTests {
    @Test("a grave call of a workload is held with its reason, in every ABI")
    func holds() {
        var profile = smallProfile()
        let evidence = profile.calls["x86_64"]?["read"]
        profile.calls["i386"]?["mount"] = evidence
        profile.calls["x86_64"]?["ptrace"]?.held = nil
        HeldEntries.mark(&profile)
        #expect(profile.calls["x86_64"]?["ptrace"]?.held == NeverAllow.reason(for: "ptrace"))
        #expect(profile.calls["i386"]?["mount"]?.held == NeverAllow.reason(for: "mount"))
        #expect(profile.calls["x86_64"]?["ptrace"]?.held?.isEmpty == false)
        #expect(profile.calls["x86_64"]?["read"]?.held == nil)
    }

    @Test("what the runtime did before the program is not held", arguments: Phase.allCases)
    func phases(phase: Phase) throws {
        var profile = smallProfile()
        let evidence = try #require(profile.calls["x86_64"]?["read"]?.phases["workload"])
        profile.calls["x86_64"]?["mount"] = CallEvidence(phases: [phase.name: evidence])
        HeldEntries.mark(&profile)
        let held = profile.calls["x86_64"]?["mount"]?.held != nil
        #expect(held == (phase == .workload || phase == .sessionWorkload))
    }

    @Test("what was accepted is not held, and the last decision counts")
    func accepted() {
        var profile = smallProfile()
        profile.calls["x86_64"]?["read"]?.held = "no longer on the list"
        for verdict in [ProfileDecision.Verdict.remove, .accept] {
            profile.decisions.append(
                ProfileDecision(
                    entry: "calls/x86_64/ptrace", verdict: verdict, reason: "a debugger", author: "ann",
                    date: profile.window.end))
        }
        HeldEntries.mark(&profile)
        #expect(profile.calls["x86_64"]?["ptrace"] != nil && profile.calls["x86_64"]?["ptrace"]?.held == nil)
        #expect(profile.calls["x86_64"]?["read"]?.held == nil)
    }
}
