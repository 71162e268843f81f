// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// `--phase steady` of ordinary recordings, for programs that load a second filter.
    @Suite("The steady phase", .serialized)
    struct SteadyTests {
        private let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func number(_ call: String) throws -> String {
            "\(try #require(SyscallTable.table(.native).number(call)))"
        }

        /// What the program does: `mincore` at its start, then it loads a filter and goes on.
        private func words(_ loading: [String], _ more: [String] = []) throws -> [String] {
            try ["call", number("mincore")] + loading + ["answer", number("getppid"), "fork", number("getuid")] + more
        }

        @Test("gives a filter under which the program goes on, and which refuses what only its start did")
        func secondFilter() throws {
            let program = try #require(TestProgram.steady.path)
            let recorded = try Ringfence.run(
                ["record", "-q", "-o", workspace.file("p.json"), "--", program] + words(["sync"]))
            try #require(recorded.status == 0 && recorded.output == "0\n", "\(recorded.output)\(recorded.errors)")
            let profile = try workspace.profile("p.json")
            #expect(profile.window.steady == true && profile.window.partial.isEmpty)
            let steady = profile.steadyNames
            #expect(steady.isSuperset(of: ["getppid", "getuid", "clone", "wait4", "write", "exit_group"]), "\(steady)")
            #expect(steady.isDisjoint(with: ["mincore", "execve", "prctl", "seccomp"]), "\(steady)")
            #expect(profile.names().isSuperset(of: ["mincore", "seccomp"]))

            let file = workspace.file("second.bpf")
            let made = try Ringfence.run([
                "seccomp", "generate", workspace.file("p.json"), "--phase", "steady", "--format", "bpf", "-o", file,
            ])
            try #require(made.status == 0, "\(made.errors)")
            #expect(made.errors.contains("once a filter of its own was loaded, by \(program)"), "\(made.errors)")
            let run = try Shell.run([program] + words(["load", file], ["answer", number("mincore")]))
            #expect(run.status == 0 && run.output == "0\n\(ENOSYS)\n", "\(run.output)\(run.errors)")
        }

        @Test("of a recording without a second filter is one line that says so")
        func noFilter() throws {
            try #require(
                try Ringfence.run(["record", "-q", "-o", workspace.file("p.json"), "--", "true"]).status == 0)
            let made = try Ringfence.run(["seccomp", "generate", workspace.file("p.json"), "--phase", "steady"])
            #expect(made.status == 65 && made.output.isEmpty, "\(made.errors)")
            #expect(made.errors.split(separator: "\n").count == 1, "\(made.errors)")
            #expect(made.errors.contains("no program loaded a seccomp filter of its own"), "\(made.errors)")
        }

        @Test(
            "is told apart from the filter that a container is given",
            .enabled(if: Engine.areUp, "\(Engine.needed)"), arguments: [Engine.runc, .docker])
        func container(_ engine: Engine) throws {
            let name = "rf-steady-\(getpid())"
            defer { engine.remove(name) }
            let words = try ["/run/steady", "start", number("getpgid")] + words(["filter"], ["join"])
            let container = Engine.Container(
                name: name, image: "busybox", words: words,
                programs: ["steady": try #require(TestProgram.steady.path)])
            let run = try Ringfence.run(
                ["record", "-q", "--container", name, "-o", workspace.file("p.json"), "--"]
                    + engine.command(container, in: workspace),
                environment: Engine.environment)
            try #require(run.status == 0, "\(run.errors)")
            let steady = try workspace.profile("p.json").steadyNames
            // The thread that was started before has no filter of its own.
            #expect(steady.isSuperset(of: ["getppid", "getuid", "exit_group"]), "\(steady)")
            #expect(steady.isDisjoint(with: ["mincore", "execve", "prctl", "getpgid"]), "\(steady)")
        }
    }
}

extension BehaviourProfile {
    /// Names of the workload's calls under filters of its own, in the native ABI.
    fileprivate var steadyNames: Set<String> {
        Set(
            (calls[CallABI.native.name(on: .current)] ?? [:]).filter { $0.value.phases["workload"]?.steady != nil }.keys
        )
    }
}
