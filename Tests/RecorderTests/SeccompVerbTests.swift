// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import Seccomp
import TestSupport
import Testing

extension RecorderSuites {
    /// `ringfence seccomp generate`, `ringfence run`, `ringfence verify`.
    @Suite("The seccomp verbs", .serialized)
    struct SeccompVerbTests {
        private let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private static let threads = [
            "--", "/usr/bin/python3", "-c",
            "import threading; t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()",
        ]

        /// Records a command and generates `s.json`.
        private func learn(_ command: [String]) throws {
            let run = try Ringfence.run(
                ["record", "-q", "-o", workspace.file("p.json"), "--seccomp", workspace.file("s.json")] + command)
            try #require(run.status == 0, "\(run.errors)")
        }

        @Test(
            "generate the same profile as the recording did, to standard output or a file with its evidence beside it")
        func generate() throws {
            try learn(["--", "ls", "/"])
            let first = workspace.text("s.json")
            let output = try Ringfence.run(["seccomp", "generate", workspace.file("p.json")])
            #expect(output.status == 0 && output.output == first, "\(output.errors)")
            #expect(output.errors.contains("seccomp: the profile allows"))
            let file = workspace.file("again.json")
            let quiet = try Ringfence.run(["seccomp", "generate", workspace.file("p.json"), "-o", file, "--quiet"])
            #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
            #expect(workspace.text("again.json") == first && workspace.has("again.evidence.json"))
            let bare = try Ringfence.run(["seccomp", "generate", workspace.file("p.json"), "--no-runtime", "-o", file])
            #expect(bare.status == 0)
            let (all, fewer) = (try SeccompFile(workspace.file("s.json")), try SeccompFile(file))
            #expect(fewer.allowed.isStrictSubset(of: all.allowed) && !fewer.allowed.contains("capset"))
            let alone = try Ringfence.run(["run", "--seccomp", file, "--", "ls", "/"])
            #expect(alone.status == 0 && alone.output.contains("usr"), "\(alone.errors)")
            #expect(try workspace.profile("p.json").names().subtracting(fewer.allowed).isSubset(of: ["rseq"]))
        }

        @Test("refuse what is no behaviour profile, with one line and the exit code of the cause")
        func badProfiles() throws {
            try learn(["--", "true"])
            let text = workspace.text("p.json")
            #expect(try Shell.run(["truncate", "-s", "65M", workspace.file("huge.json")]).status == 0)
            let cases: [(String, Int32)] = [
                (workspace.file("huge.json"), 65),
                (try workspace.write(String(text.prefix(text.count / 2)), to: "half.json"), 65),
                (
                    try workspace.write(
                        text.replacing("ringfence.profile/v1", with: "ringfence.profile/v2"), to: "later.json"), 65
                ),
                (try workspace.write(text.replacing("\"window\"", with: "\"windnw\""), to: "flipped.json"), 65),
                (try workspace.write("", to: "empty.json"), 65), ("/dev/null", 66), ("/dev/zero", 66),
                (workspace.file("missing.json"), 66), (workspace.path, 66),
            ]
            for (path, status) in cases {
                let run = try Ringfence.run(["seccomp", "generate", path])
                #expect(run.status == status && run.output.isEmpty, "\(path): \(run.errors)")
                #expect(run.errors.contains(path) && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
            }
            for words in [
                [], ["generate"], ["generate", "a", "b"], ["make"], ["generate", "a", "--runtime", "gvisor"],
            ] {
                #expect(try Ringfence.run(["seccomp"] + words).status == 64)
            }
        }

        @Test("run the recorded program under its profile, a threaded one included, and refuse what it did not do")
        func run() throws {
            try learn(Self.threads)
            let seccomp = workspace.file("s.json")
            let run = try Ringfence.run(["run", "--seccomp", seccomp] + Self.threads)
            #expect(run.status == 0 && run.output == "thread\n" && run.errors.isEmpty, "\(run.errors)")
            let forbidden = ["ptrace", "mount", "keyctl", "unshare", "mincore"]
            let numbers = try forbidden.map { try #require(SyscallTable.table(.native).number($0)) }
            let probe = try #require(TestProgram.errno.path)
            let answers = try Ringfence.run(["run", "--seccomp", seccomp, "--", probe] + numbers.map(String.init))
            #expect(answers.status == 0)
            let lines = answers.output.split(separator: "\n")
            #expect(
                lines.count == forbidden.count
                    && lines.allSatisfy { $0.hasSuffix(" \(EPERM)") || $0.hasSuffix(" \(ENOSYS)") })
            #expect(try Ringfence.run(["run", "--seccomp", seccomp, "--", "no-such-command"]).status == 127)
            #expect(try Ringfence.run(["run", "--seccomp", seccomp, "--", workspace.file("p.json")]).status == 126)
            #expect(try Ringfence.run(["run", "--seccomp", seccomp]).status == 64)
        }

        @Test("verify that the recorded program passes, with fallbacks told apart")
        func verifies() throws {
            try learn(Self.threads)
            let run = try Ringfence.run(["verify", "--seccomp", workspace.file("s.json")] + Self.threads)
            #expect(run.status == 0 && run.output == "thread\n", "\(run.errors)")
            let abi = CallABI.native.name(on: .current)
            #expect(run.errors.contains("fallback, as intended: clone3 (\(abi)) with ENOSYS"), "\(run.errors)")
            #expect(run.errors.contains("verified: ") && !run.errors.contains("denied: "))
            let quiet = try Ringfence.run(["verify", "-q", "--seccomp", workspace.file("s.json")] + Self.threads)
            #expect(quiet.status == 0 && quiet.errors.isEmpty)
        }

        @Test("list each denied call with its process and errno, and exit with 1")
        func denials() throws {
            let probe = try #require(TestProgram.errno.path)
            let number = try #require(SyscallTable.table(.native).number("mincore"))
            try learn(["--", "sh", "-c", "\(probe) 0"])
            let command = ["--", "sh", "-c", "\(probe) \(number)"]
            let run = try Ringfence.run(["verify", "--seccomp", workspace.file("s.json")] + command)
            #expect(run.status == 1 && run.output == "\(number) \(ENOSYS)\n")
            let abi = CallABI.native.name(on: .current)
            #expect(run.errors.contains("denied: mincore (\(abi)) with ENOSYS, 1 time, by \(probe)"), "\(run.errors)")
            #expect(run.errors.contains("failed: 1 call denied; the command exited with 0"))

            let json = try Ringfence.run(
                ["verify", "--format", "json", "--seccomp", workspace.file("s.json")] + command)
            struct Verdict: Decodable {
                struct Call: Decodable {
                    let call: String
                    let errno: String
                    let executable: String
                    let count: Int
                    let pid: Int
                }
                let schema: String
                let verified: Bool
                let commandExitCode: Int
                let denied: [Call]
            }
            let verdict = try JSONDecoder().decode(Verdict.self, from: Data(json.errors.utf8))
            #expect(json.status == 1 && verdict.schema == "ringfence.verify/v1" && !verdict.verified)
            #expect(verdict.commandExitCode == 0 && verdict.denied.count == 1)
            let call = try #require(verdict.denied.first)
            #expect(call.call == "mincore" && call.errno == "ENOSYS" && call.executable == probe)
            #expect(call.count == 1 && call.pid > 1)
        }

        @Test("verify that a command which fails by itself did not fail by the profile")
        func commandFails() throws {
            try learn(["--", "sh", "-c", "exit 0"])
            let run = try Ringfence.run(["verify", "--seccomp", workspace.file("s.json"), "--", "sh", "-c", "exit 7"])
            #expect(run.status == 7)
            #expect(
                run.errors.contains("no call was denied with an errno, and the command exited with 7"), "\(run.errors)")
            let missing = try Ringfence.run(["verify", "--seccomp", workspace.file("s.json"), "--", "no-such-command"])
            #expect(missing.status == 127)
        }

        @Test(
            "refuse a seccomp profile that is wrong, and warn of calls nobody knows",
            arguments: [
                (#"{"defaultAction":"SCMP_ACT_PERMIT"}"#, 65, "SCMP_ACT_PERMIT"),
                (#"{"defaultAction":"SCMP_ACT_ALLOW","defaultAction":"SCMP_ACT_ERRNO"}"#, 65, "defaultAction"),
                (#"{"defaultAction":"#, 65, "s.json"), ("[]", 65, "s.json"),
                (
                    #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["no_such_call"],"action":"SCMP_ACT_ERRNO"}]}"#,
                    0, "no_such_call"
                ),
            ])
        func badSeccomp(_ text: String, _ status: Int32, _ named: String) throws {
            let path = try workspace.write(text, to: "s.json")
            for verb in ["run", "verify"] {
                let run = try Ringfence.run([verb, "--seccomp", path, "--", "true"])
                #expect(run.status == status && run.errors.contains(named), "\(verb): \(run.errors)")
            }
            let missing = try Ringfence.run(["run", "--seccomp", workspace.file("none.json"), "--", "true"])
            #expect(missing.status == 66 && missing.errors.contains("none.json"))
        }
    }
}
