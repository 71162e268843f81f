// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import Events
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Isolation", .enabled(if: Engine.areUp, "\(Engine.needed)"))
    struct IsolationTests {
        /// Beside the floods: calls, executables and peers, each once.
        private static let deeds = [
            "[call(n, -1, 0, 0, 0, 0, 0) for n in \(Self.harmless)]",
            "[(shutil.copy('/usr/bin/env', '/tmp/env%d' % n), subprocess.run(['/tmp/env%d' % n])) for n in range(12)]",
            "[socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 7000 + n)) for n in range(12)]",
            "open('/scratch/done', 'w').close()",
        ]
        /// Calls that do nothing with -1 and zeros, by number of x86_64.
        private static let harmless = [
            26, 74, 75, 77, 81, 91, 93, 98, 100, 102, 104, 107, 108, 110, 111, 121, 124, 138, 140, 143, 145, 146, 147,
            148,
        ]

        @Test(
            "queries for names without pause cost neither their container nor another one a record of anything else",
            .timeLimit(.minutes(3)))
        func queries() throws {
            let resolver = "127.0.0.99"
            let daemon = try RunningDaemon()
            try daemon.start()
            let flooding = [try NetworkContainer(), try NetworkContainer()]
            let quiet = try NetworkContainer()
            try NetworkContainer.learn(flooding + [quiet], daemon, "udp=\(resolver)=53")
            // A second's records are sent long before it connects; then it goes on.
            for container in flooding {
                container.tell("flood=\(resolver)=100 hasty=203.0.113.8=443 flood=\(resolver)=30000")
            }
            func account(_ container: NetworkContainer) throws -> [String: Double] {
                let row = try daemon.json(["status"])["accountOfContainers"]?.elements?
                    .first { $0["name"]?.text == container.name }
                return Dictionary(
                    uniqueKeysWithValues: ["produced", "delivered", "suppressed", "dropped"].map {
                        ($0, row?[$0]?.number ?? -1)
                    })
            }
            let isFlood = try Shell.eventually {
                try flooding.allSatisfy { try account($0)["suppressed"] ?? 0 > 100_000 }
            }
            #expect(isFlood, "\(daemon.words)")
            quiet.tell("hasty=203.0.113.7=443")
            for container in flooding + [quiet] {
                #expect(Shell.eventually { !daemon.alerts(of: container.name).isEmpty }, "\(daemon.words)")
                let alert = try #require(daemon.alerts(of: container.name).first)
                let last = container === quiet ? 7 : 8
                #expect(alert.items.map(\.item.name) == ["connect/tcp/203.0.113.\(last):443"])
                #expect(alert.rule == .newDestination && alert.process?.ancestry.isEmpty == false)
                #expect(!alert.why.contains("its record was lost"), "\(alert.why)")
                #expect(try account(container)["dropped"] == 0)
            }
            #expect(try daemon.json(["status"])["queues"]?["records"]?["dropped"]?.number == 0)
            #expect(try account(quiet)["suppressed"] == 0)
            for container in flooding { Engine.docker.remove(container.name) }
            #expect(try daemon.stop() == 0)
        }

        @Test(
            "a quiet container loses no fact beside one that connects and one that executes without pause; accounts balance",
            .timeLimit(.minutes(3)))
        func quiet() throws {
            let daemon = try RunningDaemon(learning: "[Learning]\nWindow=1h\nEpoch=1s\nShare=50%\n")
            try daemon.start()
            let key = "rf-quiet"
            let quiet = try PythonContainer(profile: key)
            let connecting = try NetworkContainer()
            let executing = "rf-execs-\(UInt32.random(in: 0 ... .max))"
            let probe = try #require(TestProgram.probe.path, "cannot compile the test program")
            let storm = try Background(
                Engine.docker.command(
                    Engine.Container(
                        name: executing, image: "busybox", words: ["/run/probe", "exec", "10000000"],
                        programs: ["probe": probe]), in: daemon.workspace))
            defer {
                Engine.docker.remove(executing)
                storm.kill()
            }
            try #require(
                Shell.eventually(seconds: 60) {
                    [key, NetworkContainer.key, "rf-busybox /run/probe"].allSatisfy {
                        daemon.state(of: $0) == .learning
                    }
                }, "\(daemon.words)")
            connecting.tell("storm=127.0.0.1=1000")
            for deed in Self.deeds { quiet.tell(deed) }
            try quiet.wait(for: "done")
            let table = SyscallTable.table(.native)
            let names = Self.harmless.map { table.name($0) }
            func missing() -> [String] {
                guard let profile = try? daemon.profile(key) else { return ["all"] }
                return names.filter { profile.calls["x86_64"]?[$0]?.phases["workload"] == nil }
                    + (0..<12).map { "/tmp/env\($0)" }.filter { profile.executables[$0] == nil }
                    + (0..<12).map { "send/udp/127.0.0.1:\(7000 + $0)" }.filter { profile.peers?[$0] == nil }
            }
            #expect(Shell.eventually(seconds: 60) { missing().isEmpty }, "\(missing())")
            // Only now do the floods end.
            _ = try Engine.docker.process(of: executing)
            Engine.docker.remove(executing)
            Engine.docker.remove(connecting.name)
            #expect(try daemon.stop() == 0)
            let profile = try #require(try daemon.profile(key))
            #expect(profile.window.events.dropped == 0, "\(profile.window.events)")
            // At rest: what each produced was delivered, held back or dropped.
            let flood = try #require(try daemon.profile(NetworkContainer.key)).window.events
            #expect(flood.suppressed > 0, "\(flood) is no flood")
            for name in [key, NetworkContainer.key, "rf-busybox /run/probe"] {
                let events = try #require(try daemon.profile(name)).window.events
                #expect(events.produced > 0, "\(name)")
                #expect(
                    events.produced == events.delivered + events.suppressed + events.dropped, "\(name): \(events)")
            }
        }
    }
}
