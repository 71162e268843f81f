// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// Containers that are found rather than started.
    @Suite("A recorded container", .serialized, .enabled(if: Engine.areUp, "\(Engine.needed)"))
    struct ContainerTargetTests {
        private let workspace: Workspace

        init() throws { workspace = try Workspace() }

        @Test("is waited for, and then its very first call is in", arguments: Engine.allCases)
        func wait(_ engine: Engine) throws {
            let name = "rf-wait-\(getpid())"
            defer { engine.remove(name) }
            let run = try BackgroundRun(
                ["record", "--wait", "--container", name, "-o", workspace.file("p.json")], in: workspace)
            try #require(run.waitUntilRecording(), "\(run.errors)")
            let container = Engine.Container(name: name, image: "busybox", words: ["true"])
            #expect(try engine.run(container, in: workspace).status == 0)
            #expect(try run.end() == 0, "\(run.errors)")
            let profile = try workspace.profile("p.json")
            #expect(profile.window.partial.isEmpty && profile.window.instances == 1, "\(profile.window)")
            // A static program begins with brk and arch_prctl; the runtime's calls are in as well.
            #expect(profile.made("brk") && profile.made("arch_prctl") && profile.made("exit_group"))
            #expect(!profile.names(.setup).isEmpty)
        }

        @Test(
            "that runs already is partial, and is recorded until it ends", arguments: Engine.allCases)
        func running(_ engine: Engine) throws {
            let name = "rf-running-\(getpid())"
            let words = try engine.command(
                Engine.Container(
                    name: name, image: "busybox", words: ["sh", "-c", "while [ ! -e /tmp/stop ]; do sleep 0.02; done"]),
                in: workspace)
            let container = try Background(words)
            defer {
                engine.remove(name)
                container.kill()
            }
            #expect(try Shell.eventually(seconds: 60) { try engine.exec(name, ["true"]).status == 0 })
            let run = try BackgroundRun(
                ["record", "--container", name, "-o", workspace.file("p.json")], in: workspace)
            try #require(run.waitUntilRecording(), "\(run.errors)")
            // The container may end, and take the session along, before touch(1) has.
            _ = try engine.exec(name, ["touch", "/tmp/stop"])
            #expect(try run.end() == 0, "\(run.errors)")
            let profile = try workspace.profile("p.json")
            #expect(profile.window.partial.contains { $0.contains("already running") })
            #expect(profile.made("clock_nanosleep") && !profile.names(.sessionWorkload).isEmpty)
            #expect(profile.target.name == name)
        }

        @Test("is one of several that a glob names, each with a profile of its own")
        func several() throws {
            let prefix = "rf-several-\(getpid())"
            let run = try Ringfence.run(
                [
                    "record", "-q", "--container", prefix + "-*", "-o", workspace.file("profiles/"), "--", "sh", "-c",
                    "for n in a b; do docker run --rm --name \(prefix)-$n --network none rf-busybox true || exit 1; done",
                ], environment: Engine.environment.merging(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]) { $1 })
            #expect(run.status == 0, "\(run.errors)")
            for name in ["a", "b"] {
                #expect(try workspace.profile("profiles/\(prefix)-\(name).profile.json").made("exit_group"))
            }
        }

        @Test("for which there was no room is said, with exit code 69, and no profile is made of nothing")
        func noRoom() throws {
            let name = "rf-no-room-\(getpid())"
            defer { Engine.docker.remove(name) }
            let container = Engine.Container(name: name, image: "busybox", words: ["true"])
            let run = try Ringfence.run(
                [
                    "record", "--slots", "1", "--container", name, "-o", workspace.file("p.json"), "--seccomp",
                    workspace.file("s.json"), "--",
                ] + Engine.docker.command(container, in: workspace), environment: Engine.environment)
            #expect(run.status == 69, "\(run.errors)")
            #expect(run.errors.contains("nothing was recorded of \(name), and no profile was written"), "\(run.errors)")
            #expect(run.errors.contains("the slot table was full") && run.errors.contains("--slots"))
            #expect(!workspace.has("p.json") && !workspace.has("s.json"))
        }

        @Test("that never appeared while the command ran is said, with exit code 69")
        func never() throws {
            let run = try Ringfence.run(["record", "--container", "rf-never", "--", "true"], in: workspace.path)
            #expect(run.status == 69 && run.errors.contains("no container matched"), "\(run.errors)")
        }
    }
}
