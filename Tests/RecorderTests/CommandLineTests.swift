// SPDX-License-Identifier: Apache-2.0
import Containers
import Events
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// What people type, and what they are told when that is wrong.
    @Suite("The command line", .serialized)
    struct CommandLineTests {
        private let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func errorLine(_ words: [String], _ status: Int32) throws -> String {
            let run = try Ringfence.run(words, in: workspace.path)
            #expect(run.status == status && run.output.isEmpty, "\(run.status): \(run.errors)")
            #expect(run.errors.hasPrefix("ringfence: ") && run.errors.split(separator: "\n").count == 1)
            return run.errors
        }

        @Test("takes a short option with its value attached, and several short flags in one word")
        func attached() throws {
            for (name, options) in [
                ("a.json", ["-o" + workspace.file("a.json")]), ("b.json", ["-qo" + workspace.file("b.json")]),
                ("c.json", ["-qo", workspace.file("c.json")]),
                ("d.json", ["-q", "--output=" + workspace.file("d.json")]),
            ] {
                let run = try Ringfence.run(["record"] + options + ["--", "true"])
                #expect(run.status == 0 && run.errors.isEmpty == (name != "a.json"), "\(options): \(run.errors)")
                #expect(try workspace.profile(name).made("exit_group"))
            }
        }

        @Test(
            "tells short options that make no sense from those that do",
            arguments: [
                (["-o=p.json"], "without \"=\""), (["-q=x"], "takes no value"), (["-qx"], "'-x'"),
                (["-container"], "'-container'"),
                (["-qo"], "needs a value"),
            ])
        func short(_ options: [String], _ said: String) throws {
            let line = try errorLine(["record"] + options + ["--", "true"], 64)
            #expect(line.contains(said), "\(line)")
        }

        @Test("prints the version, however it is asked", arguments: ["-V", "--version", "version"])
        func version(_ word: String) throws {
            let run = try Ringfence.run([word])
            #expect(run.status == 0 && run.errors.isEmpty && run.output.hasPrefix("ringfence "))
            #expect(run.output.dropFirst("ringfence ".count).first?.isNumber == true, "\(run.output)")
        }

        @Test("is the same for `run` and `verify`: a profile, and a command behind --", arguments: ["run", "verify"])
        func profiled(_ verb: String) throws {
            for words in [[], ["--seccomp", "s.json"], ["--", "true"], ["--seccomp", "s.json", "x", "--", "true"]] {
                #expect(
                    try errorLine([verb] + words, 64).contains("usage: ringfence \(verb) --seccomp FILE -- COMMAND"))
            }
            #expect(try errorLine([verb, "--seccomp", "none.json", "--", "true"], 66).contains("none.json"))
            let help = try Ringfence.run([verb, "--help"]).output
            #expect(["--seccomp FILE", "--user NAME", "--help, -h"].allSatisfy(help.contains), "\(help)")
        }

        @Test("has --cgroup take a directory or a path of the tree, the root included")
        func cgroup() throws {
            let cgroup = try TestCgroup()
            let hierarchy = cgroup.hierarchy
            for spelling in [cgroup.path, cgroup.directory, cgroup.directory + "/", String(cgroup.path.dropFirst())] {
                let sleeper = try cgroup.start(["sleep", "60"])
                let run = try Ringfence.run(
                    ["record", "-q", "--for", "100ms", "-o", workspace.file("p.json"), "--cgroup", spelling])
                sleeper.send(SIGKILL)
                _ = try Shell.end(of: sleeper)
                // A sleeper makes no call, and neither does an empty cgroup: that is said, of the same cgroup.
                #expect(
                    run.status == 69 && run.errors.contains("nothing was recorded of \(cgroup.path),"), "\(run.errors)")
            }
            for root in ["/", hierarchy.mountPoint] {
                let run = try Ringfence.run(
                    ["record", "-q", "--for", "200ms", "-o", workspace.file("root.json"), "--cgroup", root])
                #expect(run.status == 0, "\(run.errors)")
                #expect(try workspace.profile("root.json").target.name == "/")
            }
        }

        @Test("has --cgroup refuse what is not in the tree, and say where that is")
        func otherTree() throws {
            let mount = try CgroupHierarchy.detect().mountPoint
            for path in ["/sys/fs/cgroup/no-such-thing", "no-such-thing", "/../.."] {
                let line = try errorLine(["record", "--cgroup", path], 69)
                #expect(line.contains(path) && line.contains(mount), "\(line)")
            }
            // On a hybrid host the directory above holds the v1 trees as well.
            guard mount != "/sys/fs/cgroup" else { return }
            for path in ["/sys/fs/cgroup", "/sys/fs/cgroup/", "/sys/fs/cgroup/pids"] {
                let line = try errorLine(["record", "--cgroup", path], 69)
                #expect(line.contains("\(path) is not in the cgroup tree") && line.contains("or / for the whole host"))
            }
        }

        @Test("reads profiles with a value that nobody knows without a word about Swift")
        func unknownValues() throws {
            #expect(try Ringfence.run(["record", "-qo", workspace.file("p.json"), "--", "true"]).status == 0)
            let text = workspace.text("p.json")
            let target = try workspace.profile("p.json")
            for (good, bad, field) in [
                ("\"\(target.architecture.rawValue)\",", "\"mips\",", "architecture"),
                ("\"kind\": \"command\"", "\"kind\": \"commando\"", "target/kind"),
                ("\"start\": \"2", "\"start\": \"soon 2", "window"), ("\"runs\": 1", "\"runs\": true", "calls"),
                ("\"schema\": \"ringfence.profile/v1\"", "\"schema\": 7", "schema"),
            ] {
                let path = try workspace.write(text.replacing(good, with: bad, maxReplacements: 1), to: "bad.json")
                #expect(workspace.text("bad.json") != text, "\(field)")
                let line = try errorLine(["seccomp", "generate", path], 65)
                #expect(line.contains(path) && line.contains(field), "\(line)")
                for word in [
                    "Swift", "initialize", "Architecture", "Kind", "invalid String", "Int", "Decod", "Expected",
                ] {
                    #expect(!line.contains(word), "\(line)")
                }
            }
        }
    }
}
