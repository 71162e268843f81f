// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// Calls of the never-allow list that a recorded program makes.
    @Suite("A call of the never-allow list", .serialized)
    struct TierTests {
        /// Prints what ptrace(PTRACE_TRACEME) answers.
        private static let script = "import ctypes; print(ctypes.CDLL(None).ptrace(0, 0, 0, 0))"

        @Test("is held, left out of the seccomp profile and named, with exit code 1, until it is accepted")
        func command() throws {
            let workspace = try Workspace()
            let (profile, seccomp) = (workspace.file("p.json"), workspace.file("s.json"))
            let command = ["--", "/usr/bin/python3", "-c", Self.script]
            let run = try Ringfence.run(["record", "-o", profile, "--seccomp", seccomp] + command)
            #expect(run.status == 1 && run.output == "0\n", "\(run.errors)")
            #expect(run.errors.contains("held for review: ptrace") && run.errors.contains("left out: ptrace"))
            #expect(run.errors.contains("used by /usr/bin/python3"), "\(run.errors)")
            #expect(run.errors.contains("--accept ptrace=REASON"))
            #expect(try workspace.profile("p.json").heldCalls == ["ptrace"])
            #expect(try !SeccompFile(seccomp).allowed.contains("ptrace"))
            #expect(try Ringfence.run(["run", "--seccomp", seccomp] + command).output == "-1\n")

            let accepted = try Ringfence.run(
                ["record", "-o", profile, "--seccomp", seccomp, "--accept", "ptrace=it debugs"] + command)
            #expect(
                accepted.status == 0 && accepted.errors.contains("accepted: ptrace: it debugs"), "\(accepted.errors)")
            #expect(try SeccompFile(seccomp).allowed.contains("ptrace"))
            #expect(try Ringfence.run(["run", "--seccomp", seccomp] + command).output == "0\n")

            let generated = try Ringfence.run(["seccomp", "generate", profile, "-o", seccomp])
            #expect(generated.status == 1 && generated.errors.contains("left out: ptrace"))
            let again = try Ringfence.run(["seccomp", "generate", profile, "-o", seccomp, "--accept", "ptrace=debugs"])
            #expect(again.status == 0)
            let wrong = try Ringfence.run(["seccomp", "generate", profile, "--accept", "read=why not"])
            #expect(wrong.status == 65 && wrong.errors.contains("not on the never-allow list"), "\(wrong.errors)")
        }

        @Test(
            "in a container is held as well", .enabled(if: Engine.areUp, "\(Engine.needed)"),
            arguments: Engine.allCases)
        func container(_ engine: Engine) throws {
            let workspace = try Workspace()
            let name = "rf-tier-\(getpid())"
            defer { engine.remove(name) }
            let container = Engine.Container(name: name, image: "python", words: ["python3", "-c", Self.script])
            let run = try Ringfence.run(
                [
                    "record", "--container", name, "-o", workspace.file("p.json"), "--seccomp",
                    workspace.file("s.json"), "--",
                ] + engine.command(container, in: workspace), environment: Engine.environment)
            #expect(run.status == 1 && run.output == "0\n", "\(run.errors)")
            #expect(run.errors.contains("left out: ptrace") && run.errors.contains("python3"))
            #expect(try workspace.profile("p.json").heldCalls.contains("ptrace"))
            #expect(try !SeccompFile(workspace.file("s.json")).allowed.contains("ptrace"))
        }
    }
}
