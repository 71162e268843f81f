// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// Where a recording's result goes, and what stops it from getting there.
    @Suite("A recording's files", .serialized)
    struct OutputTests {
        private let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func record(_ options: String..., command: [String] = ["true"]) throws -> Shell.Result {
            try Ringfence.run(["record"] + options + ["--"] + command, in: workspace.path)
        }

        @Test("grow with --merge, which counts runs and says what is new")
        func merge() throws {
            let path = workspace.file("p.json")
            let first = try record("-o", path, "--merge", command: ["sh", "-c", "ls / && :"])
            #expect(first.status == 0 && !first.errors.contains("new against"), "\(first.errors)")
            let same = try record("-o", path, "--merge", command: ["sh", "-c", "ls / && :"])
            #expect(same.errors.contains("new against the merged profile: nothing"))
            let probe = try #require(TestProgram.probe.path)
            let number = try #require(SyscallTable.table(.native).number("getpriority"))
            let more = try record("-o", path, "--merge", command: ["sh", "-c", "ls / && \(probe) calls \(number)"])
            #expect(more.errors.contains("new against the merged profile:\n"))
            let abi = CallABI.native.name(on: .current)
            #expect(more.errors.contains("\(abi) getpriority (workload) by \(probe)"), "\(more.errors)")
            let profile = try workspace.profile("p.json")
            #expect(profile.window.runs == 3)
            #expect(profile.calls[abi]?["getdents64"]?.phases["workload"]?.runs == 3)
            #expect(profile.calls[abi]?["getpriority"]?.phases["workload"]?.runs == 1)
        }

        @Test(
            "are not merged into a damaged profile: that is said before the command runs",
            arguments: [
                "{\"schema\":\"ringfence.profile/v1\",", "not JSON", "{\"schema\":\"ringfence.profile/v9\"}", "",
            ])
        func damaged(_ text: String) throws {
            let path = try workspace.write(text, to: "p.json")
            let run = try record("-o", path, "--merge", command: ["touch", workspace.file("marker")])
            #expect(run.status == 65 && run.errors.contains(path), "\(run.errors)")
            #expect(run.errors.split(separator: "\n").count == 1)
            #expect(!workspace.has("marker") && workspace.text("p.json") == text)
        }

        @Test("are replaced without --merge, and not without -o")
        func replaced() throws {
            #expect(try record("-q", "-o", workspace.file("p.json"), command: ["ls", "/"]).status == 0)
            #expect(try record("-q", "-o", workspace.file("p.json")).status == 0)
            #expect(try workspace.profile("p.json").made("getdents64") == false)
            #expect(try record("-q").status == 0 && record("-q").status == 0)
            #expect(workspace.has("true.profile.json") && workspace.has("true-2.profile.json"))
        }

        @Test(
            "are offered on standard output if they cannot be written", arguments: ["/proc/p.json", "/no/such/p.json"])
        func unwritable(_ path: String) throws {
            let run = try record("-o", path)
            #expect(run.status == 73 && run.errors.contains(path) && run.errors.contains("standard output"))
            let profile = try ProfileStore.decode(Array(run.output.utf8), from: "standard output")
            #expect(profile.made("exit_group"))
        }

        @Test("come as one line of JSON with --format json")
        func json() throws {
            let run = try record("-o", workspace.file("p.json"), "--format", "json")
            struct Summary: Decodable {
                let schema: String
                let profile: String
                let partial: [String]
                let calls: [String: [String]]
            }
            let summary = try JSONDecoder().decode(Summary.self, from: Data(run.errors.utf8))
            #expect(summary.schema == "ringfence.record/v1" && summary.profile == workspace.file("p.json"))
            let workload = summary.calls["workload/\(CallABI.native.name(on: .current))"] ?? []
            #expect(Set(workload) == (try workspace.profile("p.json").names()) && summary.partial.isEmpty)
        }

        @Test(
            "tell a wrong command line with exit code 64 and a line",
            arguments: [
                ["record"], ["record", "--"], ["record", "ls"], ["record", "--for", "soon", "--", "true"],
                ["record", "--merge", "--", "true"], ["record", "--containr", "x"], ["record", "--pid", "x"],
                ["record", "--pid", "1", "--unit", "a"], ["record", "--slots", "0", "--", "true"], ["recrod"],
            ])
        func usage(_ words: [String]) throws {
            let run = try Ringfence.run(words)
            #expect(run.status == 64 && run.output.isEmpty)
            #expect(
                run.errors.hasPrefix("ringfence: ") && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        }
    }
}
