// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// The verbs that run nothing.
private enum SeccompVerbs {
    static let judging = ["diff", "lint", "merge", "prove", "simulate", "explain", "complete"]
}

extension RecorderSuites {
    /// `ringfence seccomp diff`, `lint` and the other verbs that run nothing.
    @Suite("The seccomp verbs that judge")
    struct SeccompAnalysisTests {
        private let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private static let small = #"""
            {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"architectures":["SCMP_ARCH_X86_64"],"syscalls":[
            {"names":["read","exit_group"],"action":"SCMP_ACT_ALLOW"}]}
            """#

        private func seccomp(_ words: String...) throws -> Shell.Result { try Ringfence.run(["seccomp"] + words) }

        @Test("diff of engines' defaults names what was added by tier, and exits as asked")
        func diff() throws {
            let same = try seccomp("diff", "docker-default", "docker-default")
            #expect(same.status == 0 && same.output.contains("let the same calls pass") && same.errors.isEmpty)
            let differ = try seccomp("diff", "containerd-default", "podman-default")
            #expect(differ.status == 1 && differ.output.contains("+ setns (tier 1: enters other namespaces)"))
            #expect(differ.output.contains("- tier 1: io_uring_enter io_uring_register io_uring_setup"))
            let (old, new) = (
                try workspace.write(Self.small, to: "old.json"),
                try workspace.write(Self.small.replacing("\"read\"", with: "\"read\",\"splice\""), to: "new.json")
            )
            #expect(try seccomp("diff", old, new).status == 1)
            #expect(try seccomp("diff", old, new, "--fail-on-new").status == 1)
            #expect(try seccomp("diff", new, old).status == 1)
            #expect(try seccomp("diff", new, old, "--fail-on-new").status == 0)
            #expect(try seccomp("diff", old, new, "--fail-on-tier", "1").status == 0)
            #expect(try seccomp("diff", old, new, "--fail-on-tier", "2").status == 1)
            let answer = try seccomp("diff", old, new, "--format", "json")
            #expect(
                answer.output.contains(#""call":"splice""#)
                    && answer.output.contains(#""schema":"ringfence.seccomp-diff/v1""#))
        }

        @Test("diff of behaviour profiles says which program makes the new call")
        func behaviours() throws {
            let (old, new) = (workspace.file("old.json"), workspace.file("new.json"))
            for (file, command) in [(old, "true"), (new, "mkfifo \(workspace.file("fifo"))")] {
                let run = try Ringfence.run(["record", "-q", "-o", file, "--", "sh", "-c", command])
                try #require(run.status == 0, "\(run.errors)")
            }
            let run = try seccomp("diff", old, new, "--fail-on-new")
            #expect(run.status == 1)
            #expect(run.output.contains("  + mknodat, made by /usr/bin/mkfifo"), "\(run.output)")
            let base = try seccomp("diff", "docker-default", new, "--fail-on-new")
            #expect(base.status == 0 && base.output.contains("removed"), "\(base.output)")
        }

        @Test("lint finds, says why and how to mend it, and exits by severity")
        func lint() throws {
            let bad = try workspace.write(Self.small.replacing("\"read\"", with: "\"read\",\"bpf\""), to: "bad.json")
            let run = try seccomp("lint", bad)
            #expect(run.status == 1 && run.output.contains("\(bad):2: error RF401 never-call: bpf is allowed"))
            #expect(run.output.contains("To mend it: remove it from the allowed calls."))
            #expect(try seccomp("lint", bad, "--fail-on", "never").status == 0)
            let sarif = try seccomp("lint", bad, "--format", "sarif")
            #expect(sarif.status == 1 && sarif.output.contains(#""version" : "2.1.0""#))
            let json = try seccomp("lint", bad, "--format", "json")
            #expect(json.status == 1 && json.output.contains(#""rule":"RF401""#))
            #expect(try seccomp("lint", "--rules").output.contains("RF501 range-comparison (error)"))
            #expect(try seccomp("lint", "podman-default").output.contains("RF101 conditional-field"))
        }

        private static let senseless: [([String], Int32)] = [
            (["diff"], 64), (["diff", "docker-default"], 64), (["diff", "a", "b", "c"], 64), (["lint"], 64),
            (["diff", "docker-default", "podman-default", "--cap-add", "FLY"], 64),
            (["diff", "docker-default", "podman-default", "--kernel", "six"], 64),
            (["diff", "docker-default", "podman-default", "--fail-on-tier", "3"], 64),
            (["lint", "/no/such/file.json"], 66), (["diff", "docker-default", "/no/such/file.json"], 66),
            (["lint", "/dev/null"], 66), (["lint", "x", "--format", "xml"], 64), (["merge"], 64),
            (["merge", "/no/such/file.json"], 66), (["merge", "x", "--check", "y", "-o", "z"], 64), (["prove"], 64),
            (["prove", "/no/such/file.json"], 66), (["simulate", "docker-default"], 64), (["explain"], 64),
            (["simulate", "docker-default", "--against", "/no/such/file.json"], 66), (["complete"], 64),
            (["explain", "docker-default", "opneat"], 65), (["complete", "x", "--fail-under", "all"], 64),
            (["complete", "/no/such/file.json"], 66),
        ]

        @Test("what makes no sense is one line and the exit code of its cause", arguments: Self.senseless)
        func usage(_ words: [String], _ status: Int32) throws {
            let run = try Ringfence.run(["seccomp"] + words)
            #expect(run.status == status && run.output.isEmpty, "\(words): \(run.status) \(run.errors)")
            #expect(
                run.errors.split(separator: "\n").count == 1 && run.errors.hasPrefix("ringfence: "), "\(run.errors)")
        }

        /// Records `count` runs of a command that makes one more call in its last run.
        private func runs(_ count: Int) throws -> [String] {
            try (1...count).map { index in
                let command = index == count ? "mkfifo \(workspace.file("fifo"))" : "true"
                let file = workspace.file("\(index).json")
                let run = try Ringfence.run(["record", "-q", "-o", file, "--", "sh", "-c", command])
                try #require(run.status == 0, "\(run.errors)")
                return file
            }
        }

        @Test("runs are merged whatever their order, tell how complete they are, and what a profile of one would break")
        func runsTogether() throws {
            let files = try runs(5)
            let all = workspace.file("all.json")
            let merged = try Ringfence.run(["seccomp", "merge"] + files + [files[2], "-o", all])
            #expect(merged.status == 0 && merged.output.isEmpty)
            #expect(merged.errors.contains("of 5 runs") && merged.errors.contains("counted once: \(files[2])"))
            let again = try Ringfence.run(["seccomp", "merge"] + files.reversed() + [all])
            #expect(again.status == 0 && again.output == workspace.text("all.json"))

            let summary = try seccomp("merge", files[0], "-o", workspace.file("one.json"), "--format", "json")
            #expect(summary.output.contains(#""runs":1"#) && summary.errors.isEmpty)

            #expect(try seccomp("merge", files[0], files[4], "--check", all).status == 0)
            let lacks = try seccomp("merge", all, "--check", files[0])
            #expect(lacks.status == 1 && lacks.output.contains("mknodat (workload) by /usr/bin/mkfifo"))

            let complete = try seccomp("complete", all)
            #expect(complete.status == 0 && complete.output.contains("(Chao2)") && complete.output.contains("*"))
            #expect(complete.output.contains("  mknodat (x86_64), by /usr/bin/mkfifo") || !isX86)
            #expect(try seccomp("complete", all, "--fail-under", "100").status == 1)
            #expect(try seccomp("complete", all, "--fail-under", "10").status == 0)
            let few = try seccomp("complete", files[0], "--fail-under", "10")
            #expect(few.status == 1 && few.output.contains("no estimate"))

            let one = workspace.file("one.seccomp.json")
            try #require(try seccomp("generate", files[0], "-q", "-o", one).status == 0)
            let simulation = try seccomp("simulate", one, "--against", all)
            #expect(simulation.status == 1 && simulation.output.contains("denied: mknodat"))
            #expect(simulation.output.contains("with ENOSYS, by /usr/bin/mkfifo (1 time)"), "\(simulation.output)")
            #expect(try seccomp("simulate", one, "--against", files[0]).status == 0)
            #expect(try seccomp("simulate", "docker-default", "--against", all).status == 0)
            #expect(try seccomp("simulate", all, "--against", all).status == 65)

            let story = try seccomp("explain", one, "openat")
            #expect(
                story.status == 0 && story.output.contains("why: learned")
                    && story.output.contains("seen in 1 of 1 run"))
            #expect(try seccomp("explain", one).output.contains("\nopenat "))
            let missing = try seccomp("explain", all, "ptrace")
            #expect(
                missing.status == 1 && missing.output.contains("CVE-2019-13272") && missing.output.contains("tier 0"))
        }

        @Test("prove prints what each call is answered, and finds a profile that libseccomp misreads")
        func prove() throws {
            let good = try workspace.write(Self.small, to: "good.json")
            let run = try seccomp("prove", good, "docker-default")
            #expect(run.status == 0 && run.output.contains("\(good): proved over"))
            #expect(run.output.contains("  allow, 2 calls: exit_group read\n"), "\(run.output)")
            #expect(run.output.contains("docker-default (moby/moby") && run.errors.isEmpty)
            #expect(try seccomp("prove", good, "--format", "json").output.contains(#""allow":["exit_group","read"]"#))
            let overlap = #"""
                {"names":["brk"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}]},
                {"names":["brk"],"action":"SCMP_ACT_KILL","args":[{"index":0,"value":3,"valueTwo":3,"op":"SCMP_CMP_MASKED_EQ"}]},
                """#
            let bad = try workspace.write(
                Self.small.replacing("\"syscalls\":[", with: "\"syscalls\":[" + overlap), to: "bad.json")
            let unproved = try seccomp("prove", bad)
            #expect(unproved.status == 1 && unproved.output.contains("not proved"), "\(unproved.output)")
        }

        private var isX86: Bool {
            #if arch(x86_64)
                true
            #else
                false
            #endif
        }

        @Test("what is no profile is refused, with its name and a remedy")
        func damaged() throws {
            for (index, text) in ["", "[]", "{", "{}", "kind: Pod", Self.small + "x"].enumerated() {
                let path = try workspace.write(text, to: "\(index).json")
                for verb in [["lint", path], ["diff", path, "docker-default"], ["prove", path], ["explain", path]] {
                    let run = try Ringfence.run(["seccomp"] + verb)
                    #expect(run.status == 65 && run.errors.contains(path), "\(verb): \(run.errors)")
                    #expect(run.errors.split(separator: "\n").count == 1)
                }
            }
        }

        @Test("every verb explains itself, and the list of verbs names it", arguments: SeccompVerbs.judging)
        func help(_ verb: String) throws {
            let run = try seccomp(verb, "--help")
            #expect(run.status == 0 && run.output.hasPrefix("usage: ringfence seccomp \(verb)"))
            #expect(run.output.contains("--format") && run.output.contains("exit status"))
            #expect(try seccomp("--help").output.contains("\n  \(verb)"))
        }
    }
}
