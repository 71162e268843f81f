// SPDX-License-Identifier: Apache-2.0
import Alerts
import Platform
import Profiles
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Network peers of an imported recording", .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
    struct NetworkImportTests {
        @Test(
            "a container's recording becomes the baseline: its peers raise nothing, another one is one alert",
            .timeLimit(.minutes(5)))
        func baseline() throws {
            let daemon = try RunningDaemon()
            let workspace = daemon.workspace
            let program = try #require(TestProgram.network.path, "cannot compile the test program")
            try workspace.write(NetworkContainer.habit + "\n", to: "words")
            let name = "rf-net-\(UInt32.random(in: 0 ... .max))"
            let command = try Engine.docker.command(
                Engine.Container(
                    name: name, image: "busybox", words: ["/run/network", "lines=/run/words"],
                    programs: ["network": program],
                    options: [
                        "-v", "\(workspace.file("words")):/run/words", "--security-opt", "seccomp=unconfined",
                    ]), in: workspace)
            let file = workspace.file("net.json")
            let run = try Ringfence.run(
                ["record", "-q", "-o", file, "--container", name, "--"] + command, environment: Engine.environment)
            try #require(run.status == 0, "\(run.errors)")
            let recorded = try #require(try ProfileStore.load(file).peers)
            for name in ["connect/tcp/127.0.0.1:9", "send/udp/192.0.2.53:53", "listen/udp/*:5018"] {
                #expect(recorded[name]?.phases["workload"]?.executables["/run/network"] != nil, "\(recorded.keys)")
            }

            try daemon.start()
            let first = try daemon.tool(["profile", "import", file, "--as", NetworkContainer.key])
            try #require(first.status == 0, "\(first.errors)")
            let (actor, quiet) = (try NetworkContainer(), try NetworkContainer())
            quiet.tell(NetworkContainer.habit)
            actor.tell("\(NetworkContainer.habit) hasty=203.0.113.9=443")
            #expect(Shell.eventually { !daemon.alerts(of: actor.name).isEmpty }, "\(daemon.words)")
            #expect(try daemon.stop() == 0)
            let alerts = daemon.alerts()
            #expect(alerts.map(\.container.name) == [actor.name], "\(RuleTests.summary(alerts))")
            #expect(alerts.first?.items.map(\.item.name) == ["connect/tcp/203.0.113.9:443"])
        }
    }
}
