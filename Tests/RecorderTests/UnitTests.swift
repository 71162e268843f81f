// SPDX-License-Identifier: Apache-2.0
import Containers
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// `ringfence record --unit` on a machine that systemd runs.
    @Suite("A recorded unit", .serialized, .enabled(if: BootedSystemd.isHere, "\(BootedSystemd.needed)"))
    struct UnitTests {
        private let workspace: Workspace
        private let probe: String

        init() throws {
            workspace = try Workspace()
            probe = try #require(TestProgram.probe.path)
        }

        private func number(_ call: String) throws -> String {
            "\(try #require(SyscallTable.table(.native).number(call)))"
        }

        private func boot(_ script: String) throws -> Shell.Result {
            try BootedSystemd.run(script, in: workspace, programs: [probe])
        }

        /// Executables that made a call as workload.
        private func makers(of call: String, in profile: BehaviourProfile) -> [String] {
            let evidence = profile.calls[CallABI.native.name(on: .current)]?[call]
            return evidence?.phases[Phase.workload.name]?.executables.keys.sorted() ?? []
        }

        @Test("that runs already is recorded until it ends, executed children included")
        func alive() throws {
            let run = try boot(
                """
                unit rf-alive.service "ExecStart=/bin/sh -c 'until [ -e $WORKSPACE/go ]; do sleep 0.02; done; \(probe) calls \(try number("getpriority")); :'"
                systemctl start --no-block rf-alive
                until_true 10 systemctl is-active --quiet rf-alive
                recording --unit rf-alive
                : >go
                recorded
                """)
            try #require(run.status == 0, "\(run.status): \(run.errors)")
            let profile = try workspace.profile("p.json")
            #expect(profile.target.kind == .unit && profile.target.name == "rf-alive.service")
            #expect(profile.key == "rf-alive.service")
            #expect(profile.window.partial.contains { $0.contains("already running") })
            #expect(makers(of: "getpriority", in: profile) == [probe])
            #expect(profile.names(.workload).isSuperset(of: ["execve", "wait4", "exit_group"]))
            #expect(makers(of: "exit_group", in: profile).contains { $0.hasSuffix("/dash") })
            #expect(workspace.text("record.out").contains("recorded rf-alive.service"))
        }

        @Test("that starts while the recording waits is whole, and its ExecStartPre is workload like the rest")
        func waited() throws {
            // Processes that systemd starts beside a living one (ExecStartPost, ExecReload) are workload too.
            let run = try boot(
                """
                unit rf-wait.service \
                    "ExecStartPre=\(probe) calls \(try number("getpriority"))" \
                    "ExecStart=/bin/sh -c 'until [ -e $WORKSPACE/go ]; do sleep 0.02; done; \(probe) calls \(try number("getpgid")); :'" \
                    "ExecStartPost=\(probe) calls \(try number("getsid"))" \
                    "ExecReload=\(probe) calls \(try number("mincore"))"
                recording --unit rf-wait --wait
                systemctl start rf-wait
                systemctl reload rf-wait
                : >go
                recorded
                """)
            try #require(run.status == 0, "\(run.status): \(run.errors)")
            let profile = try workspace.profile("p.json")
            #expect(profile.target.kind == .unit && profile.target.name == "rf-wait.service")
            #expect(profile.window.partial.isEmpty, "\(profile.window.partial)")
            for call in ["getpriority", "getpgid", "getsid", "mincore"] {
                #expect(makers(of: call, in: profile) == [probe], "\(call)")
            }
            let phases = Set(profile.calls.values.flatMap(\.values).flatMap(\.phases.keys))
            #expect(phases.isSubset(of: ["setup", "setup-filtered", "workload"]), "\(phases)")
            // What systemd does between fork and exec is not the unit's.
            #expect(!profile.names(.setup).isEmpty && !profile.made("setns") && !profile.made("prctl"))
            #expect(
                profile.executables.filter { $0.value.phases == ["setup"] }.keys.contains { $0.hasSuffix("/systemd") })
            #expect(workspace.text("record.err").contains("waiting for rf-wait.service"))
            #expect(workspace.text("record.err").contains("recording rf-wait.service"))
        }

        @Test(
            "that hardens itself gets a seccomp profile that holds: under it the service works, and ptrace is refused")
        func profiled() throws {
            let calls = try ["getpriority", "ptrace"].map(number)
            let errno = try #require(TestProgram.errno.path)
            let run = try BootedSystemd.run(
                """
                unit rf-job.service "ExecStart=\(errno) \(calls[0])" "StandardOutput=file:$WORKSPACE/first"
                recording --unit rf-job --wait --seccomp "$WORKSPACE/s.json"
                systemctl start rf-job
                recorded
                unit rf-job.service "ExecStart=$RINGFENCE run --seccomp $WORKSPACE/s.json -- \(errno) \(calls.joined(separator: " "))" \
                    "StandardOutput=file:$WORKSPACE/second"
                systemctl start --wait rf-job
                """, in: workspace, programs: [probe, errno])
            try #require(run.status == 0, "\(run.status): \(run.errors)")
            #expect(workspace.text("first") == "\(calls[0]) 0\n", "\(workspace.text("first"))")
            #expect(workspace.text("second") == "\(calls[0]) 0\n\(calls[1]) \(EPERM)\n", "\(workspace.text("second"))")
        }

        @Test("is found from outside its namespaces as well, by the cgroup that it lives in")
        func outside() throws {
            let name = "rf-outside-\(getpid())"
            let machine = try Background([
                BootedSystemd.script, "systemd-run", "--quiet", "--wait", "--unit=\(name)", "sh", "-c",
                "while :; do sleep 0.02; done",
            ])
            defer { machine.terminate() }
            let hierarchy = try CgroupHierarchy.detect()
            try #require(
                Shell.eventually(seconds: 60) {
                    guard let path = try? SystemdUnit.cgroup(named: name, in: hierarchy) else { return false }
                    return (try? hierarchy.processes(in: path).isEmpty) == false
                })
            let run = try Ringfence.run(
                ["record", "-q", "--for", "300ms", "-o", workspace.file("p.json"), "--unit", "\(name).service"])
            #expect(run.status == 0, "\(run.errors)")
            let profile = try workspace.profile("p.json")
            #expect(profile.target.name == "\(name).service" && profile.made("clock_nanosleep"))
            #expect(profile.executables.keys.contains { $0.hasSuffix("/sleep") })
        }

        @Test("that does not exist is one line that names near ones, with exit code 69")
        func unknown() throws {
            let run = try boot(
                """
                systemctl start systemd-journald
                "$RINGFENCE" record --unit systemd-journal -o p.json
                echo $?
                "$RINGFENCE" record --unit rf-never --wait --for 200ms -q -o p.json
                echo $?
                """)
            #expect(run.status == 0 && run.output == "69\n69\n", "\(run.output)\(run.errors)")
            let lines = run.errors.split(separator: "\n")
            #expect(lines.count == 2, "\(run.errors)")
            #expect(
                lines.first?.hasPrefix("ringfence: ") == true
                    && lines.first?.contains("systemd-journal.service") == true)
            #expect(
                lines.first?.contains("systemd-journald.service") == true && lines.first?.contains("--wait") == true)
            #expect(lines.last == "ringfence: nothing was recorded: the unit did not start while the recording ran")
            #expect(!workspace.has("p.json"))
        }

        @Test("runs on a machine that leaves nothing behind, when it is shut down and when it is killed")
        func teardown() throws {
            let hierarchy = try CgroupHierarchy.detect()
            func cgroups() -> [String] {
                ((try? FileTree.entries(of: hierarchy.mountPoint)) ?? []).filter { $0.hasPrefix("ringfence-systemd-") }
            }
            let status = try Shell.run([BootedSystemd.script, "sh", "-c", "setsid sleep 300 & exit 7"]).status
            #expect(status == 7)
            let killed = try Background([BootedSystemd.script, "touch", "/var/tmp/\(workspace.path.dropFirst(5))"])
            let cgroup = "/ringfence-systemd-\(killed.pid)"
            #expect(Shell.eventually(seconds: 60) { hierarchy.exists(cgroup + "/init.scope") })
            killed.kill()
            #expect(try Shell.eventually { try !hierarchy.isPopulated(cgroup) }, "a process outlived the script")
            #expect(try Shell.run([BootedSystemd.script, "true"]).status == 0)
            #expect(!hierarchy.exists(cgroup) && !cgroups().contains("ringfence-systemd-\(killed.pid)"))
            #expect(!FileTree.exists("/var/tmp/\(workspace.path.dropFirst(5))"), "what is written there is gone")
        }
    }
}
