// SPDX-License-Identifier: Apache-2.0
import Containers
import Events
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// Targets that the recorder does not start, and what is left of a recorder that is killed.
    @Suite("A recording's target", .serialized)
    struct TargetTests {
        private let workspace: Workspace

        init() throws { workspace = try Workspace() }

        @Test(
            "that does not exist is an error that names it, the cause and the remedy",
            arguments: [
                (["--container", "no-such-container"], 69, "--wait"),
                (["--cgroup", "/no/such/cgroup"], 69, "systemd-cgls"),
                (["--pid", "2147483647"], 69, "ps -e"), (["--unit", "no-such-unit.service"], 69, "no-such-unit"),
            ])
        func missing(_ target: [String], _ status: Int32, _ remedy: String) throws {
            let run = try Ringfence.run(["record", "-o", workspace.file("p.json")] + target)
            #expect(run.status == status && run.errors.contains(remedy), "\(run.errors)")
            #expect(run.errors.contains(target[1]) && run.errors.split(separator: "\n").count == 1)
            #expect(!workspace.has("p.json"))
        }

        @Test("is a process with its descendants")
        func process() throws {
            let probe = try #require(TestProgram.probe.path)
            let number = try #require(SyscallTable.table(.native).number("getpriority"))
            let target = try Background([
                "sh", "-c", "until [ -e \(workspace.file("go")) ]; do sleep 0.02; done; \(probe) calls \(number)",
            ])
            defer { target.kill() }
            let run = try BackgroundRun(
                ["record", "-q", "-o", workspace.file("p.json"), "--pid", "\(target.pid)"], in: workspace)
            try #require(run.waitUntilRecording(), "\(run.errors)")
            try workspace.write("", to: "go")
            #expect(try run.end() == 0, "\(run.errors)")
            let profile = try workspace.profile("p.json")
            #expect(profile.made("getpriority") && profile.made("exit_group"))
            #expect(profile.window.partial.contains { $0.contains("already running") })
            #expect(profile.executables[probe] != nil)
        }

        @Test("that starts and ends processes while the recorder looks for them ends the recording when it ends")
        func restless() throws {
            // Each may be met by the search while it begins or ends: counted twice or never taken back, it would live on.
            let loop = "while [ ! -e \(workspace.file("stop")) ]; do /bin/true & /bin/true; done"
            let profile = workspace.file("p.json")
            for _ in 0..<5 {
                let target = try Background(["sh", "-c", "\(loop) & \(loop) & \(loop); wait"])
                defer { target.kill() }
                let run = try BackgroundRun(["record", "-q", "-o", profile, "--pid", "\(target.pid)"], in: workspace)
                try #require(run.waitUntilRecording(), "\(run.errors)")
                try workspace.write("", to: "stop")
                #expect(try run.end() == 0, "\(run.errors)")
                #expect(try target.end() == 0)
                _ = unsafe unlink(workspace.file("stop"))
            }
        }

        @Test(
            "is left by a recorder that is killed without a program attached, and without a cgroup after the next one")
        func killed() throws {
            let hierarchy = try CgroupHierarchy.detect()
            let run = try BackgroundRun(
                ["record", "-q", "-o", workspace.file("p.json"), "--", "sh", "-c", "echo $$; exec sleep 300"],
                in: workspace)
            try #require(Shell.eventually(seconds: 300) { run.output.hasSuffix("\n") }, "\(run.errors)")
            let pid = try #require(Int32(run.output.split(separator: "\n").first.map(String.init) ?? ""))
            let cgroup = try hierarchy.cgroup(ofProcess: pid)
            let programs = run.programs()
            #expect(!programs.isEmpty && cgroup.contains("ringfence-record-\(run.pid)"))
            run.send(SIGKILL)
            #expect(try run.end() == 137)
            #expect(
                try Shell.eventually(seconds: 300) {
                    try programs.allSatisfy { try Shell.run(["bpftool", "prog", "show", "id", $0]).status != 0 }
                }, "a BPF program is still loaded")
            #expect(!workspace.has("p.json"))
            // The command outlives the recorder; a cgroup that is lived in is not taken away.
            #expect(try Ringfence.run(["record", "-q", "-o", workspace.file("q.json"), "--", "true"]).status == 0)
            #expect(hierarchy.exists(cgroup) && kill(pid, SIGKILL) == 0)
            #expect(try Shell.eventually { try !hierarchy.isPopulated(cgroup) })
            #expect(try Ringfence.run(["record", "-q", "-o", workspace.file("q.json"), "--", "true"]).status == 0)
            #expect(!hierarchy.exists(cgroup))
        }

        @Test("leaves no cgroup behind when it ends by itself")
        func clean() throws {
            let hierarchy = try CgroupHierarchy.detect()
            let run = try Ringfence.run(
                ["record", "-q", "-o", workspace.file("p.json"), "--", "cat", "/proc/self/cgroup"])
            let cgroup = try #require(hierarchy.cgroup(inTable: run.output))
            #expect(cgroup.contains("/ringfence-record-") && !hierarchy.exists(cgroup))
        }
    }
}
