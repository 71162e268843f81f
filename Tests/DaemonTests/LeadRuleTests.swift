// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import Events
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Rules that lead an incident")
    struct LeadRuleTests {
        @Test("an io_uring operation that was not learned is told as such where io_uring itself is part of the profile")
        func ioUring() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            try daemon.start()
            let service = try ServiceCgroup()
            let key = service.name
            try #require(Shell.eventually { daemon.state(of: key) == .learning }, "\(daemon.words)")
            service.tell("ring 0")
            // Setting up a ring is on the never-allow list: told, held, and approved by a person.
            let isHeld = Shell.eventually {
                let calls = (try? daemon.profile(key))?.calls["x86_64"]
                return ["io_uring_setup", "io_uring_enter"].allSatisfy { calls?[$0]?.held != nil }
            }
            try #require(isHeld, "\(daemon.words)")
            let approved = try daemon.tool([
                "profile", "approve", key, "io_uring_setup", "io_uring_enter", "--reason", "it is fast",
            ])
            #expect(approved.status == 0, "\(approved.errors)")
            try RuleTests.learn([service], daemon)
            let before = daemon.alerts()
            #expect(before.count == 1 && before.first?.rule == .neverAllowCall, "\(RuleTests.summary(before))")
            // Within a minute it would join that incident. The next daemon has the profile from its first moment on.
            #expect(try daemon.stop() == 0)
            try daemon.start()
            let isCompared = try Shell.eventually {
                try daemon.json(["containers"]).elements?.contains {
                    $0["key"]?.text == key && $0["state"]?.text == "monitoring"
                } == true
            }
            try #require(isCompared, "\(daemon.words)")
            // What was learned is not news; the other operation is.
            service.tell("ring 0")
            service.tell("ring 1")
            func isNew(_ alert: Alert) -> Bool { alert.container.name == key && !before.contains { $0.id == alert.id } }
            #expect(Shell.eventually { daemon.alerts().contains(where: isNew) }, "\(daemon.words)")
            #expect(try daemon.stop() == 0)
            let alerts = daemon.alerts().filter(isNew)
            #expect(alerts.count == 1, "\(RuleTests.summary(alerts))")
            let alert = try #require(alerts.first)
            #expect(alert.rule == .ioUringOperation && alert.rule.rawValue == "io-uring-operation")
            #expect(alert.title == "io_uring operation that was never used before")
            #expect(alert.items.map(\.item) == [FindingItem(.ioOperation, "IORING_OP_OPENAT")])
            #expect(alert.severity == .notice || alert.severity == .warning)
            #expect(alert.what == "\(service.program) (pid \(service.pid)) submitted IORING_OP_OPENAT through io_uring")
            #expect(alert.why.hasPrefix("never ") && alert.process.map { Int($0.tgid) } == Int(service.pid))
            #expect(alert.next.contains { $0.hasPrefix("ringfence allow \(alert.id)") })
        }

        @Test("calls through another table are told as such, by whichever way they are made")
        func foreign() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            try daemon.start()
            let (gate, wide, program) = (try ServiceCgroup(), try ServiceCgroup(), try ServiceCgroup())
            let all = [gate, wide, program]
            try RuleTests.learn(all, daemon)
            // int 0x80; x32's numbers, which the program asks for whether this kernel answers them or not; and a program
            // of the 32-bit ABI, where one can be compiled.
            gate.tell("foreign 20")
            wide.tell("call 0x40000027")
            let compat = TestProgram.probe32.path
            if let compat { program.tell("run \(compat) calls 20") }
            let expected = compat == nil ? [gate, wide] : all
            let isTold = Shell.eventually {
                expected.allSatisfy { service in daemon.alerts(of: service.name).contains { $0.rule == .foreignABI } }
            }
            #expect(isTold, "\(RuleTests.summary(daemon.alerts())) \(daemon.words)")
            #expect(try daemon.stop() == 0)
            for (service, abi) in [(gate, "i386"), (wide, "x32")] {
                let alerts = daemon.alerts(of: service.name)
                #expect(alerts.count == 1, "\(RuleTests.summary(alerts))")
                let alert = try #require(alerts.first)
                #expect(alert.rule.rawValue == "foreign-abi" && alert.severity >= .warning, "\(alert.score)")
                #expect(alert.title == "call through a foreign system call table")
                #expect(alert.items.map(\.item) == [FindingItem(.call, "getpid", abi: abi)])
                #expect(alert.what.hasPrefix("\(service.program) (pid \(service.pid)) called getpid("), "\(alert.what)")
                #expect(alert.what.hasSuffix(" (\(abi))"), "\(alert.what)")
                #expect(alert.why.hasPrefix("never "), "\(alert.why)")
            }
            guard let compat else { return }
            let alerts = daemon.alerts(of: program.name)
            #expect(alerts.count == 1, "\(RuleTests.summary(alerts))")
            let alert = try #require(alerts.first)
            #expect(alert.rule == .foreignABI && alert.severity == .critical, "\(alert.score)")
            #expect(alert.items.contains { $0.item == FindingItem(.executable, compat) })
            #expect(alert.items.contains { $0.item == FindingItem(.call, "getpid", abi: "i386") })
            #expect(alert.process?.executable == compat)
        }
    }
}
