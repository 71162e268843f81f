// SPDX-License-Identifier: Apache-2.0
import Platform
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// Values of arguments: recorded, merged over runs, made into rules, and obeyed.
    @Suite("Arguments")
    struct ArgumentRuleTests {
        /// Asks prctl for its options often, and once for each of `more`; says which were refused with ENOSYS or EPERM.
        private static func program(_ more: String) -> [String] {
            let text = """
                import ctypes
                c = ctypes.CDLL(None, use_errno=True)
                def answer(*words):
                    ctypes.set_errno(0)
                    c.syscall(*words)
                    return ctypes.get_errno()
                for option in (3, 16, 30): [answer(157, option, 0, 0, 0, 0) for n in range(12)]
                for request in (0x5401, 0x5413): [answer(16, 0, request, 0) for n in range(20)]
                [answer(135, 0xffffffff) for n in range(40)]
                print(*[answer(*words) for words in (\(more))])
                """
            return ["--", "/usr/bin/python3", "-c", text]
        }

        @Test("that were learned in three runs are allowed, and others refused; too many values are no list")
        func rules() throws {
            let workspace = try Workspace()
            for number in 0..<3 {
                let run = try Ringfence.run(
                    ["record", "-q", "--user", "root", "-o", workspace.file("p.json")] + (number > 0 ? ["--merge"] : [])
                        + Self.program("(157, 3, 0, 0, 0, 0),"))
                try #require(run.status == 0, "\(run.errors)")
            }
            let profile = try workspace.profile("p.json")
            let options = try #require(profile.arguments["prctl.option"])
            let asked = Set(options.values["workload", default: []])
            #expect(asked.isSuperset(of: [3, 16, 30]), "\(options)")
            #expect(options.runs == 3 && options.calls >= 108 && !options.overflowed, "\(options)")
            #expect(profile.arguments["personality.persona"]?.values["workload"]?.contains(0xffff_ffff) == true)
            let requests = Set(try #require(profile.arguments["ioctl.request"]?.values["workload"]))
            #expect(requests.isSuperset(of: [0x5401, 0x5413]))
            let made = try Ringfence.run([
                "seccomp", "generate", workspace.file("p.json"), "--no-runtime", "--args", "prctl,ioctl,personality",
                "-o",
                workspace.file("s.json"),
            ])
            try #require(made.status == 0, "\(made.errors)")
            #expect(made.errors.contains("prctl: only") && made.errors.contains("ioctl: only"), "\(made.errors)")
            // A learned option, another, TIOCSTI, another request, another persona.
            let calls = "(157, 3, 0, 0, 0, 0), (157, 39, 0, 0, 0, 0), (16, 0, 0x5412, 0), (16, 0, 0x540F, 0), (135, 8)"
            let run = try Ringfence.run(
                ["run", "--user", "root", "--seccomp", workspace.file("s.json")] + Self.program(calls))
            let answers = run.output.split(separator: " ").compactMap { Int($0.filter(\.isNumber)) }
            #expect(run.status == 0 && answers.count == 5, "\(run.output) \(run.errors)")
            #expect(answers.first == 0 && answers.dropFirst().allSatisfy { $0 == 1 || $0 == 38 }, "\(answers)")
        }

        @Test("of more than sixteen values make no rule")
        func overflow() throws {
            let workspace = try Workspace()
            let many = (40..<60).map { "(157, \($0), 0, 0, 0, 0)" }.joined(separator: ", ")
            let run = try Ringfence.run(
                ["record", "-q", "--user", "root", "-o", workspace.file("p.json")] + Self.program(many))
            try #require(run.status == 0, "\(run.errors)")
            #expect(try workspace.profile("p.json").arguments["prctl.option"]?.overflowed == true)
            let made = try Ringfence.run([
                "seccomp", "generate", workspace.file("p.json"), "--args", "prctl", "-o", workspace.file("s.json"),
            ])
            #expect(made.errors.contains("prctl: not restricted"), "\(made.errors)")
        }
    }
}
