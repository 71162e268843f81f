// SPDX-License-Identifier: Apache-2.0
import Platform
import Seccomp
import Testing

@Suite("Reading seccomp profiles")
struct ReadingTests {
    private func refusal(_ json: String) -> String? {
        do {
            _ = try OCISeccompProfile.read(Array(json.utf8), file: "web.json")
            return nil
        } catch {
            return error.description
        }
    }

    private func profile(_ rule: String) -> String {
        #"{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"\#(rule)}]}"#
    }

    @Test(
        "what a runtime would drop or misread is an error that names the file and the thing on one line",
        arguments: [
            (#", "includes": {"caps": ["CAP_BPF"]}"#, "`includes`"),
            (#", "excludes": {"arches": ["s390"]}"#, "`excludes`"),
            (#", "errno": "EPERM""#, "`errno`"), (#", "minKernel": "4.8""#, "`minKernel`"),
            (#", "arg": []"#, "unknown key arg"), (#", "errnoRet": 1"#, "takes none"),
            (#", "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]"#, "argument 6"),
            (#", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_XX"}]"#, "operator SCMP_CMP_XX"),
            (
                #", "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]"#,
                "a condition of rule 1 has a value that is not a whole number"
            ),
            (#", "args": [{"index": 0, "op": "SCMP_CMP_EQ"}]"#, "`value` is missing"),
            (#", "action": "SCMP_ACT_KILL""#, #""action" is there twice"#),
            (##", "\u0061ction": "SCMP_ACT_KILL""##, #""action" is there twice"#),
            (#", "a\u001b[2J": 1"#, #"a\u{001b}[2J"#),
        ])
    func refusals(_ rule: String, _ what: String) throws {
        let message = try #require(refusal(profile(rule)))
        #expect(message.hasPrefix("web.json: cannot read the seccomp profile: "))
        #expect(message.contains(what), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test(
        "unknown actions, architectures and flags, a missing default and an answerless rule are errors",
        arguments: [
            (#"{"defaultAction": "SCMP_ACT_DENY"}"#, "action SCMP_ACT_DENY"), (#"{}"#, "`defaultAction` is missing"),
            (#"{"defaultAction": "SCMP_ACT_NOTIFY"}"#, "NOTIFY"),
            (#"{"defaultAction": "SCMP_ACT_KILL", "defaultErrnoRet": 1}"#, "takes none"),
            (#"{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4096}"#, "4096"),
            (#"{"defaultAction": "SCMP_ACT_KILL", "archMap": [{"architecture": "SCMP_ARCH_X86_64"}]}"#, "`archMap`"),
            (#"{"defaultAction": "SCMP_ACT_KILL", "architectures": ["SCMP_ARCH_VAX"]}"#, "SCMP_ARCH_VAX"),
            (#"{"defaultAction": "SCMP_ACT_KILL", "flags": ["FAST"]}"#, "flag FAST"),
            (#"{"defaultAction": "SCMP_ACT_KILL", "syscalls": [{"action": "SCMP_ACT_ALLOW"}]}"#, "no names"),
            (#"[1]"#, "wrong type"), (#"{"defaultAction": "SCMP_ACT_KILL"} x"#, "not valid JSON"), ("", "cut short"),
        ])
    func topLevel(_ json: String, _ what: String) throws {
        let message = try #require(refusal(json))
        #expect(message.contains(what), "\(message)")
    }

    @Test("empty conditions, comments and foreign architectures do no harm")
    func harmless() throws {
        let json = #"""
            {"defaultAction": "SCMP_ACT_ERRNO", "archMap": null, "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_S390X"],
             "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [], "comment": "c", "includes": {},
                           "excludes": {}}]}
            """#
        let reading = try OCISeccompProfile.read(Array(json.utf8), file: "web.json")
        #expect(reading.profile.architectures == [.x86_64])
        #expect(reading.profile.syscalls == [.init(names: ["read"], action: .allow)])
        #expect(reading.warnings.count == 1)
    }

    @Test("unknown calls are warnings by name, and errors where asked")
    func unknownCalls() throws {
        let json = Array(
            #"{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read","raed\n"],"action":"SCMP_ACT_ALLOW"}]}"#
                .utf8)
        let reading = try OCISeccompProfile.read(json, file: "web.json")
        #expect(reading.unknownCalls == [#"raed\u{000a}"#])
        #expect(reading.warnings.count == 1)
        #expect(throws: SeccompError.self) {
            try OCISeccompProfile.read(json, file: "web.json", refusingUnknownCalls: true)
        }
    }

    @Test("a profile cut at any byte is an error, and with any bit flipped an error or a profile, never a crash")
    func damaged() throws {
        let generated = try SeccompGenerator.generate(
            SampleProfile.make(workload: ["read", "socket"]), options: GeneratorOptions(runtimeNeeds: .omit))
        var small = generated.oci
        small.syscalls = small.syscalls.map { rule in
            var rule = rule
            rule.names = Array(rule.names.prefix(3))
            return rule
        }
        let json = Array(try small.encoded())
        for length in 0..<(json.count - 2) {
            #expect(throws: SeccompError.self) {
                try OCISeccompProfile.read(Array(json[..<length]), file: "web.json")
            }
        }
        var readable = 0
        for bit in stride(from: 0, to: json.count * 8, by: 3) {
            var copy = json
            copy[bit / 8] ^= 1 << UInt8(bit % 8)
            if let reading = try? OCISeccompProfile.read(copy, file: "web.json") {
                readable += 1
                _ = try? CompiledFilter(reading.profile)
            }
        }
        #expect(readable > 0)
    }

    @Test("huge and deeply nested files are refused")
    func huge() throws {
        let message = try #require(refusal(String(repeating: " ", count: OCISeccompProfile.sizeLimit + 1)))
        #expect(message.contains("the limit is 8388608"))
        let deep = try #require(refusal(String(repeating: "[", count: 1_000_000)))
        #expect(deep.contains("nested more than 64 deep"))
        #expect(try #require(refusal(String(repeating: #"{"a":"#, count: 100_000))).contains("nested"))
    }

    @Test("a repeated key is found with its line, in the innermost object, whatever its spelling")
    func duplicateKeys() throws {
        func first(_ json: String) -> (key: String, line: Int)? {
            JSONDuplicateKeys.firstDuplicate(in: Array(json.utf8))
        }
        #expect(first(#"{"a": {"b": 1}, "b": [{"a": 2}, {"a": 3}]}"#) == nil)
        let found = try #require(first("{\"a\": [\n{\"b\": \"}\\\"\",\n \"c\": {}, \"b\": 2}]}"))
        #expect(found.key == "b" && found.line == 3)
        #expect(first(#"{"\ud83d\ude00": 1, "😀": 2}"#)?.key == "😀")
        #expect(first(#"{"a": 1, "a"#) == nil)
    }
}
