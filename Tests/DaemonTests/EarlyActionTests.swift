// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import FoundationEssentials
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Early actions", .enabled(if: Engine.areUp, "\(Engine.needed)"))
    struct EarlyActionTests {
        @Test(
            "what must never be done is told at once while a container is learned, held for review, and learned by nobody",
            .timeLimit(.minutes(3)))
        func held() throws {
            let daemon = try RunningDaemon(learning: "[Learning]\nWindow=1h\nEpoch=1s\nShare=50%\n")
            try daemon.start()
            let key = "rf-early"
            let container = try PythonContainer(profile: key)
            try #require(Shell.eventually(seconds: 60) { daemon.state(of: key) == .learning }, "\(daemon.words)")
            let grave = ActionTests.actions.filter { $0.rule == .neverAllowCall }
            for action in grave { container.tell(action.line) }
            // What is not grave is learned: that is what the window is for.
            container.tell("os.setpgid(0, 0)")
            container.tell("open('/scratch/done', 'w').close()")
            try container.wait(for: "done")
            let names = Set(grave.compactMap { $0.item.split(separator: " ").first.map(String.init) })
            #expect(names.count == 9)
            let isHeld = Shell.eventually(seconds: 60) {
                (try? daemon.profile(key))?.heldEntries.count == names.count
            }
            #expect(isHeld, "\(String(describing: (try? daemon.profile(key))?.heldEntries))")
            #expect(try daemon.stop() == 0)
            let alerts = daemon.alerts(of: container.name)
            #expect(alerts.count == 1, "\(RuleTests.summary(alerts))")
            let alert = try #require(alerts.first)
            #expect(alert.rule == .neverAllowCall && alert.severity == .critical)
            #expect(alert.profile?.state == .learning)
            #expect(Set(alert.items.map(\.item.name)) == names, "\(RuleTests.summary(alerts))")
            let profile = try #require(try daemon.profile(key))
            let calls = try #require(profile.calls["x86_64"])
            let policy = CompiledPolicy(profile, allows: AllowLayer(), now: Date())
            for name in names {
                #expect(calls[name]?.held != nil, "\(name)")
                let number = try #require(SyscallTable.table(.native).number(name))
                #expect(policy.workload[.native]?.contains(number) == false, "\(name)")
            }
            #expect(calls["setpgid"] != nil && calls["setpgid"]?.held == nil)
        }
    }
}
