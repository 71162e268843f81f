// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

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
            (["lint", "/dev/null"], 66), (["lint", "x", "--format", "xml"], 64),
        ]

        @Test("what makes no sense is one line and the exit code of its cause", arguments: Self.senseless)
        func usage(_ words: [String], _ status: Int32) throws {
            let run = try Ringfence.run(["seccomp"] + words)
            #expect(run.status == status && run.output.isEmpty, "\(words): \(run.status) \(run.errors)")
            #expect(
                run.errors.split(separator: "\n").count == 1 && run.errors.hasPrefix("ringfence: "), "\(run.errors)")
        }

        @Test("what is no profile is refused, with its name and a remedy")
        func damaged() throws {
            for (index, text) in ["", "[]", "{", "{}", "kind: Pod", Self.small + "x"].enumerated() {
                let path = try workspace.write(text, to: "\(index).json")
                for verb in [["lint", path], ["diff", path, "docker-default"]] {
                    let run = try Ringfence.run(["seccomp"] + verb)
                    #expect(run.status == 65 && run.errors.contains(path), "\(verb): \(run.errors)")
                    #expect(run.errors.split(separator: "\n").count == 1)
                }
            }
        }

        @Test("every verb explains itself, and the list of verbs names it", arguments: ["diff", "lint"])
        func help(_ verb: String) throws {
            let run = try seccomp(verb, "--help")
            #expect(run.status == 0 && run.output.hasPrefix("usage: ringfence seccomp \(verb)"))
            #expect(run.output.contains("--format") && run.output.contains("exit status"))
            #expect(try seccomp("--help").output.contains("\n  \(verb)"))
        }
    }
}
