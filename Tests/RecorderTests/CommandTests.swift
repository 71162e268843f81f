// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// `ringfence record -- COMMAND` stands in for the command, as far as anyone outside can tell.
    @Suite("A recorded command", .serialized)
    struct CommandTests {
        private let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func record(
            _ options: [String] = [], _ command: [String], environment: [String: String] = [:]
        ) throws -> Shell.Result {
            try Ringfence.run(
                ["record", "-o", workspace.file("p.json")] + options + ["--"] + command, environment: environment,
                in: workspace.path)
        }

        @Test(
            "keeps its exit code, and a signal's as a shell reports it",
            arguments: [
                ("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 143), ("kill -KILL $$", 137), ("exit 255", 255),
            ])
        func exitCodes(_ script: String, _ status: Int32) throws {
            let run = try record(["-q"], ["sh", "-c", script])
            #expect(run.status == status && run.output.isEmpty && run.errors.isEmpty)
            #expect(try workspace.profile("p.json").made("execve") == false, "the first exec is the recorder's")
        }

        @Test("that is not there gives 127, one that cannot be executed 126, and neither leaves a profile")
        func noCommand() throws {
            let missing = try record([], ["no-such-command-here"])
            #expect(missing.status == 127)
            #expect(missing.errors.contains("no-such-command-here") && missing.errors.contains("PATH"))
            let plain = try record([], [try workspace.write("text", to: "plain")])
            #expect(plain.status == 126 && plain.errors.contains(workspace.file("plain")))
            #expect(missing.errors.split(separator: "\n").count == 1 && plain.errors.split(separator: "\n").count == 1)
            #expect(!workspace.has("p.json"))
        }

        @Test("has its own standard streams; the summary goes to standard error")
        func streams() throws {
            let run = try record([], ["sh", "-c", "echo out; echo err >&2; read a; echo \"[$a]\""])
            #expect(run.output == "out\n[]\n")
            #expect(run.errors.hasPrefix("err\n") && run.errors.contains("lost: nothing"))
            #expect(run.errors.contains("profile: \(workspace.file("p.json"))"))
            #expect(!run.errors.contains("\u{1b}"), "no colour and no live line into a pipe")
        }

        @Test("receives signals that are sent to the recorder", arguments: [SIGINT, SIGTERM, SIGHUP, SIGUSR1])
        func signals(_ signal: CInt) throws {
            let run = try BackgroundRun(
                [
                    "record", "-q", "-o", workspace.file("p.json"), "--", "sh", "-c",
                    "trap 'echo caught; exit 5' INT TERM HUP USR1; echo ready; while :; do sleep 0.02; done",
                ], in: workspace)
            try #require(Shell.eventually { run.output == "ready\n" }, "\(run.errors)")
            run.send(signal)
            #expect(try run.end() == 5)
            #expect(run.output == "ready\ncaught\n")
            #expect(try workspace.profile("p.json").made("rt_sigreturn") || workspace.profile("p.json").made("wait4"))
        }

        @Test("that ignores Ctrl-C is left running by the second one, and its profile is written")
        func twice() throws {
            let run = try BackgroundRun(
                [
                    "record", "-o", workspace.file("p.json"), "--", "sh", "-c",
                    "trap 'echo caught' INT; echo $$; while :; do sleep 0.02; done",
                ], in: workspace)
            try #require(Shell.eventually { run.output.hasSuffix("\n") }, "\(run.errors)")
            let pid = try #require(Int32(run.output.split(separator: "\n").first.map(String.init) ?? ""))
            defer { _ = kill(pid, SIGKILL) }
            run.send(SIGINT)
            try #require(Shell.eventually { run.output.contains("caught") })
            run.send(SIGINT)
            #expect(try run.end() == 130)
            #expect(kill(pid, 0) == 0)
            #expect(run.errors.contains("still runs"))
            let profile = try workspace.profile("p.json")
            #expect(profile.window.partial.contains { $0.contains("interrupted twice") })
        }

        @Test("is recorded with children, threads and daemons that it leaves behind")
        func daemons() throws {
            let probe = try #require(TestProgram.probe.path)
            let number = try #require(SyscallTable.table(.native).number("getpriority"))
            let script = "setsid sh -c '(sleep 0.2; exec \(probe) calls \(number)) >/dev/null 2>&1 &'"
            let run = try record([], ["sh", "-c", script])
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.contains("processes that it started still run"))
            let evidence = try workspace.profile("p.json").calls["\(CallABI.native.name(on: .current))"]?["getpriority"]
            #expect(evidence?.phases["workload"]?.executables == [probe: 1])
        }

        @Test("ends its recording with --until exit although a daemon goes on")
        func untilExit() throws {
            let script = "setsid sleep 60 >/dev/null 2>&1 & echo $!"
            let run = try record(["-q", "--until", "exit"], ["sh", "-c", script])
            #expect(run.status == 0)
            let pid = try #require(Int32(run.output.split(separator: "\n").first.map(String.init) ?? ""))
            #expect(kill(pid, SIGKILL) == 0, "the daemon was left alone")
            #expect(try workspace.profile("p.json").made("clone"))
        }

        @Test("is not recorded longer than --for says")
        func duration() throws {
            let run = try record(["--for", "300ms"], ["sh", "-c", "echo $$; exec sleep 60"])
            let pid = try #require(Int32(run.output.split(separator: "\n").first.map(String.init) ?? ""))
            defer { _ = kill(pid, SIGKILL) }
            #expect(run.status == 0 && kill(pid, 0) == 0)
            #expect(try workspace.profile("p.json").made("clock_nanosleep"))
        }

        @Test("that dies before its first call leaves the files as they were, and says so")
        func nothing() throws {
            let trap = try #require(TestProgram.trap.path)
            #expect(try record(["-q"], ["true"]).status == 0)
            let old = workspace.text("p.json")
            for options in [["-q"], ["--seccomp", workspace.file("s.json")], ["--merge"]] {
                let run = try record(options, [trap])
                #expect([128 + SIGILL, 128 + SIGTRAP].contains(run.status))
                #expect(run.errors.contains("nothing was recorded of \(trap)"), "\(run.errors)")
                #expect(run.errors.contains("ended before its first") && run.errors.split(separator: "\n").count == 1)
                #expect(!old.isEmpty && workspace.text("p.json") == old && !workspace.has("s.json"))
            }
        }

        @Test("that asks a container engine is recorded with a warning that says how to record the container")
        func engineClient() throws {
            let client = try workspace.write("#!/bin/sh\nexit 0\n", to: "docker")
            _ = unsafe chmod(client, 0o755)
            let run = try record([], [client, "run", "image"])
            #expect(run.status == 0)
            #expect(run.errors.contains("warning: docker") && run.errors.contains("ringfence record --container NAME"))
            #expect(try record([], ["true"]).errors.contains("warning") == false)
        }

        @Test("is recorded beside another one, each with its own calls")
        func two() throws {
            let probe = try #require(TestProgram.probe.path)
            let table = SyscallTable.table(.native)
            let names = ["getpriority", "getpgid"]
            let runs = try names.map { name in
                try BackgroundRun(
                    [
                        "record", "-q", "-o", workspace.file(name), "--", "sh", "-c",
                        "echo ready; until [ -e \(workspace.file("go")) ]; do sleep 0.02; done; "
                            + "\(probe) calls \(try #require(table.number(name)))",
                    ], in: workspace)
            }
            try #require(Shell.eventually { runs.allSatisfy { $0.output == "ready\n" } })
            try workspace.write("", to: "go")
            for run in runs { #expect(try run.end() == 0) }
            for (name, other) in zip(names, names.reversed()) {
                #expect(try workspace.profile(name).made(name) && !workspace.profile(name).made(other))
            }
        }

        @Test("runs as who called sudo, and so belong the files; --user overrides")
        func sudo() throws {
            _ = unsafe chmod(workspace.path, 0o777)
            let nobody = try #require(UserIdentity("nobody"))
            let script = "id -un; echo $HOME; : >made"
            let run = try record(
                ["-q", "--seccomp", workspace.file("s.json")], ["sh", "-c", script],
                environment: ["SUDO_USER": "nobody"])
            #expect(run.status == 0 && run.output == "nobody\n\(nobody.home)\n", "\(run.errors)")
            for name in ["made", "p.json", "s.json", "s.evidence.json"] {
                #expect(try FileTree.status(of: workspace.file(name)).owner == nobody.user, "\(name)")
            }
            let other = try record(
                ["-q", "--user", "daemon"], ["id", "-un"], environment: ["SUDO_USER": "nobody"])
            #expect(other.output == "daemon\n")
            let unknown = try record(["--user", "no-such-user"], ["true"])
            #expect(unknown.status == 67 && unknown.errors.contains("no-such-user"))
        }

        @Test("needs root, and says so")
        func root() throws {
            let copy = workspace.file("ringfence")
            _ = unsafe chmod(workspace.path, 0o755)
            // By another process: what this one has open for writing while another test forks cannot be executed.
            try #require(Shell.run(["cp", Ringfence.binary, copy]).status == 0)
            let run = try Shell.run(
                ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", copy, "record", "--", "true"])
            #expect(run.status == 77, "\(run.errors)")
            #expect(run.errors.contains("needs root") && run.errors.contains("sudo"))
        }
    }
}
