// SPDX-License-Identifier: Apache-2.0
import Alerts
import Platform
import TestSupport
import Testing

extension DaemonSuites {
    /// What is told although its record was held back: the kernel's facts are enough.
    @Suite("Lost records")
    struct LostRecordTests {
        /// A script whose executions use up what its service may report in a second, and which then runs `programs`. A
        /// background flood spends every further second's share as it begins.
        private static func script(_ programs: [String], flood: String) -> String {
            """
            #!/bin/sh
            \(flood) exec 50
            \(flood) exec 1000000 &
            for program in \(programs.joined(separator: " ")); do $program >/dev/null; done
            kill $!
            echo >"$0".done

            """
        }

        /// The incidents of a service that name an executable.
        private static func incidents(_ path: String, _ service: ServiceCgroup, _ daemon: RunningDaemon) -> [Alert] {
            daemon.alerts(of: service.name).filter { alert in alert.items.contains { $0.item.name == path } }
        }

        @Test("an executable whose record was held back is told once, by this daemon or the next")
        func executables() throws {
            let daemon = try RunningDaemon(scope: "containers+services", kernel: "ExecBudget=5")
            try daemon.start()
            let services = try (0..<2).map { _ in try ServiceCgroup() }
            try RuleTests.learn(services, daemon)
            #expect(daemon.alerts().isEmpty)
            let flood = daemon.workspace.file("flood")
            #expect(try Shell.run(["cp", services[0].program, flood]).status == 0)
            let rounds = [
                ["/usr/bin/true", "/usr/bin/false", "/usr/bin/id", "/usr/bin/uname"],
                ["/usr/bin/whoami", "/usr/bin/pwd", "/usr/bin/arch", "/usr/bin/nproc"],
            ]
            for (number, (programs, service)) in zip(rounds, services).enumerated() {
                let script = daemon.workspace.file("script-\(number)")
                try daemon.workspace.write(Self.script(programs, flood: flood), to: "script-\(number)")
                #expect(try Shell.run(["chmod", "755", script]).status == 0)
                service.tell("run \(script)")
                #expect(Shell.eventually(seconds: 60) { FileTree.exists(script + ".done") })
                // By facts alone: which process it was is not known. Others are in the same incident, announced later.
                func lost() -> Alert? {
                    programs.flatMap { Self.incidents($0, service, daemon) }.first {
                        $0.why.contains("its record was lost")
                    }
                }
                let isTold = Shell.eventually(seconds: 60) { lost() != nil }
                try #require(isTold, "\(RuleTests.summary(daemon.alerts(of: service.name)))\n\(daemon.words)")
                let alert = try #require(lost())
                #expect(alert.rule == .unexpectedExecutable && alert.losses.suppressed > 0)
                #expect(alert.profile?.state == .monitoring && alert.severity >= .warning)
                guard number == 0 else { continue }
                // Some are announced by now and some are not: the next daemon tells those that are not.
                daemon.kill()
                try daemon.start()
            }
            #expect(try daemon.stop() == 0)
            for (programs, service) in zip(rounds, services) {
                for path in programs {
                    let incidents = Self.incidents(path, service, daemon)
                    #expect(incidents.count == 1, "\(path): \(RuleTests.summary(incidents))")
                    let items = incidents.first?.items.filter { $0.item.name == path } ?? []
                    #expect(items.count == 1 && items.first?.count == 1, "\(path): \(RuleTests.summary(incidents))")
                }
            }
        }
    }
}
