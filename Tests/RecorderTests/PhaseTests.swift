// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// What belongs to the runtime and what to the program.
    @Suite("Phases of a container", .serialized, .enabled(if: Engine.areUp, "\(Engine.needed)"))
    struct PhaseTests {
        private func profile(of words: [String], _ engine: Engine) throws -> BehaviourProfile {
            let workspace = try Workspace()
            let name = "rf-phase-\(getpid())"
            defer { engine.remove(name) }
            let container = Engine.Container(name: name, image: "busybox", words: words)
            let run = try Ringfence.run(
                ["record", "-q", "--container", name, "-o", workspace.file("p.json"), "--"]
                    + engine.command(container, in: workspace), environment: Engine.environment)
            #expect(run.status == 0, "\(run.errors)")
            return try workspace.profile("p.json")
        }

        @Test("the profile of `true` in a runc container holds no mount and no pivot_root: those are the runtime's")
        func runc() throws {
            let profile = try profile(of: ["true"], .runc)
            #expect(profile.names(.setup).isSuperset(of: ["mount", "pivot_root"]))
            #expect(profile.names(.filteredSetup).isEmpty, "there was no filter")
            let workload = profile.names(.workload)
            #expect(
                workload.isDisjoint(with: ["mount", "pivot_root", "umount2", "unshare", "setns", "capset", "seccomp"]))
            #expect(workload.contains("exit_group") && workload.count < 20)
            #expect(
                profile.executables.filter { $0.value.phases.contains("workload") }.keys.sorted() == [
                    "/usr/bin/busybox"
                ])
        }

        @Test(
            "what the runtime needs under the engine's filter is told from what it does before",
            arguments: [Engine.docker, .podman])
        func filtered(_ engine: Engine) throws {
            let profile = try profile(of: ["true"], engine)
            // The measured minimum of runc without no_new_privs, apart from what Go's scheduler adds by chance.
            #expect(
                profile.names(.filteredSetup).isSuperset(of: [
                    "capget", "capset", "chdir", "close", "execve", "getcwd", "openat", "prctl", "setgid", "setuid",
                ]))
            #expect(profile.names(.filteredSetup).isDisjoint(with: ["mount", "pivot_root", "unshare"]))
            #expect(profile.names(.setup).isSuperset(of: ["mount", "pivot_root"]))
            #expect(profile.names(.workload).isDisjoint(with: ["mount", "pivot_root", "capset", "setuid"]))
        }
    }
}
