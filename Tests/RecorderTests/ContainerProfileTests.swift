// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// Record, generate, run, forbid.
    @Suite("A container under its own profile", .serialized, .enabled(if: Engine.areUp, "\(Engine.needed)"))
    struct ContainerProfileTests {
        /// Dangerous calls, and two harmless ones that no workload makes.
        private static let forbidden = [
            "ptrace", "mount", "keyctl", "unshare", "mincore", "sched_setscheduler",
        ]

        @Test("starts and does its work, and what the run did not use is refused", arguments: Deployment.all)
        func holds(_ deployment: Deployment) throws {
            let (workload, engine) = (deployment.workload, deployment.engine)
            let workspace = try Workspace()
            let name = "rf-profile-\(getpid())-\(workload.image)"
            var container = Engine.Container(name: name, image: workload.image, words: workload.words)
            defer { engine.remove(name) }
            let recorded = try Ringfence.run(
                [
                    "record", "--container", name, "-o", workspace.file("p.json"), "--seccomp",
                    workspace.file("s.json"), "--",
                ] + engine.command(container, in: workspace), environment: Engine.environment)
            #expect(
                recorded.status == 0 && recorded.output == workload.output, "\(recorded.output)\(recorded.errors)")
            let profile = try workspace.profile("p.json")
            #expect(workload.expected.subtracting(profile.names(.workload, workload.abi)).isEmpty)
            #expect(profile.window.partial.isEmpty && profile.window.instances == 1)
            #expect(profile.target.name == name && profile.target.engine == engine.rawValue)

            container.seccomp = workspace.file("s.json")
            let again = try engine.run(container, in: workspace)
            #expect(again.status == 0 && again.output == workload.output, "\(again.output)\(again.errors)")

            #expect(try SeccompFile(workspace.file("s.json")).allowed.isDisjoint(with: Self.forbidden))
            try refuses(Self.forbidden, .native, .errno, container, engine, workspace)
            if workload.abi == .compat {
                try refuses(Self.forbidden, .compat, .errno32, container, engine, workspace)
            }
        }

        /// Makes the calls in a second container under the same profile.
        private func refuses(
            _ names: [String], _ abi: CallABI, _ program: TestProgram, _ container: Engine.Container, _ engine: Engine,
            _ workspace: Workspace
        ) throws {
            let table = SyscallTable.table(abi)
            let numbers = try names.map { try #require(table.number($0)) }
            let probe = Engine.Container(
                name: container.name + "-probe", image: container.image,
                words: ["/run/errno"] + numbers.map(String.init), seccomp: container.seccomp,
                programs: ["errno": try #require(program.path)])
            defer { engine.remove(probe.name) }
            let run = try engine.run(probe, in: workspace)
            let answers = run.output.split(separator: "\n").map(String.init)
            #expect(run.status == 0 && answers.count == names.count, "\(run.output)\(run.errors)")
            for (number, answer) in zip(numbers, answers) {
                #expect(["\(number) \(EPERM)", "\(number) \(ENOSYS)"].contains(answer), "\(table.name(number))")
            }
        }

        @Test("what the profile refuses is not refused without it", arguments: Engine.allCases)
        func control(_ engine: Engine) throws {
            let workspace = try Workspace()
            let numbers = try ["mincore", "sched_setscheduler"].map {
                try #require(SyscallTable.table(.native).number($0))
            }
            let container = Engine.Container(
                name: "rf-control-\(getpid())", image: "busybox", words: ["/run/errno"] + numbers.map(String.init),
                programs: ["errno": try #require(TestProgram.errno.path)])
            defer { engine.remove(container.name) }
            let run = try engine.run(container, in: workspace)
            #expect(
                run.output == "\(numbers[0]) 0\n\(numbers[1]) \(EFAULT)\n"
                    || run.output == "\(numbers[0]) 0\n\(numbers[1]) \(EINVAL)\n", "\(run.errors)")
        }

        @Test(
            "a program started by exec in a running container is under the profile as well",
            arguments: [Engine.docker, .runc, .crun, .containerd])
        func exec(_ engine: Engine) throws {
            let workspace = try Workspace()
            let name = "rf-exec-\(getpid())"
            var container = Engine.Container(
                name: name, image: "busybox", words: ["sleep", "0.2"],
                programs: ["errno": try #require(TestProgram.errno.path)])
            defer { engine.remove(name) }
            let recorded = try Ringfence.run(
                [
                    "record", "-q", "--container", name, "-o", workspace.file("p.json"), "--seccomp",
                    workspace.file("s.json"), "--",
                ] + engine.command(container, in: workspace), environment: Engine.environment)
            #expect(recorded.status == 0, "\(recorded.errors)")
            container = Engine.Container(
                name: name, image: "busybox", words: ["sleep", "60"], seccomp: workspace.file("s.json"),
                programs: container.programs)
            let running = try Background(engine.command(container, in: workspace))
            defer { running.kill() }
            let number = try #require(SyscallTable.table(.native).number("ptrace"))
            var answer = ""
            #expect(
                try Shell.eventually {
                    answer = try engine.exec(name, ["/run/errno", "\(number)"]).output
                    return !answer.isEmpty
                })
            #expect(answer == "\(number) \(EPERM)\n")
        }
    }
}
