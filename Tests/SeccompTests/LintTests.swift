// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Seccomp
import Testing

@Suite("Judging seccomp profiles")
struct LintTests {
    private let context = EngineContext(architecture: .x86_64, kernel: (6, 1))

    private func findings(_ json: String) throws -> [LintFinding] {
        ProfileLint.findings(try SeccompDocument.read(Array(json.utf8), file: "web.json"), for: context)
    }

    /// A profile with one more rule, of which everything else is in order but what small profiles lack.
    private func rule(_ rule: String, architectures: String = #""SCMP_ARCH_X86_64""#) -> String {
        #"""
        {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"architectures":[\#(architectures)],"syscalls":[
        {"names":["read","write"],"action":"SCMP_ACT_ALLOW"},
        \#(rule)]}
        """#
    }

    @Test(
        "each trap is found, where it is",
        arguments: [
            ("RF101", #"{"names":["brk"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_BPF"]}}"#),
            ("RF101", #"{"names":["brk"],"action":"SCMP_ACT_ALLOW","excludes":{"arches":["arm64"]}}"#),
            ("RF101", #"{"names":["brk"],"action":"SCMP_ACT_ERRNO","errno":"EPERM"}"#),
            ("RF101", #"{"name":"brk","action":"SCMP_ACT_ALLOW"}"#),
            ("RF102", #"{"names":["brk"],"action":"SCMP_ACT_ALLOW","arg":[]}"#),
            ("RF103", #"{"names":["brk"],"action":"SCMP_ACT_PERMIT"}"#),
            ("RF103", #"{"names":["brk"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"EQ"}]}"#),
            ("RF103", #"{"names":["write"],"action":"SCMP_ACT_NOTIFY"}"#),
            ("RF104", #"{"names":["brk"],"action":"SCMP_ACT_ALLOW","errnoRet":1}"#),
            ("RF105", #"{"names":["brk","raed"],"action":"SCMP_ACT_ALLOW"}"#),
            (
                "RF201",
                #"{"names":["brk"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_NE"},{"index":0,"value":2,"op":"SCMP_CMP_NE"}]}"#
            ),
            ("RF305", #"{"names":["clone3"],"action":"SCMP_ACT_ALLOW"}"#),
            ("RF305", #"{"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":1}"#),
            ("RF401", #"{"names":["brk","bpf"],"action":"SCMP_ACT_ALLOW"}"#),
            ("RF402", #"{"names":["mount"],"action":"SCMP_ACT_ALLOW"}"#),
            ("RF403", #"{"names":["clone"],"action":"SCMP_ACT_ALLOW"}"#),
            (
                "RF403",
                #"{"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1979842560,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}]}"#
            ),
            ("RF404", #"{"names":["socket"],"action":"SCMP_ACT_ALLOW"}"#),
            (
                "RF501",
                #"{"names":["brk"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":7,"op":"SCMP_CMP_LE"}]}"#
            ),
            (
                "RF502",
                #"{"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":17,"op":"SCMP_CMP_NE"}]}"#
            ),
            (
                "RF503",
                #"{"names":["futex"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":1,"op":"SCMP_CMP_EQ"}]}"#
            ),
        ])
    func traps(_ id: String, _ text: String) throws {
        let found = try findings(rule(text)).filter { $0.rule.rawValue == id }
        #expect(found.contains { $0.line == 3 }, "\(found)")
        #expect(found.allSatisfy { !$0.message.isEmpty && !$0.message.contains("\n") })
    }

    @Test(
        "so are those of the whole",
        arguments: [
            ("RF103", #"{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_VAX"]}"#),
            ("RF103", #"{"defaultAction":"SCMP_ACT_NOTIFY"}"#),
            ("RF103", #"{"defaultAction":"SCMP_ACT_ERRNO","flags":["X"]}"#),
            (
                "RF103",
                #"{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86"],"archMap":[{"architecture":"SCMP_ARCH_X86_64"}]}"#
            ),
            ("RF101", #"{"defaultAction":"SCMP_ACT_ERRNO","archMap":[{"architecture":"SCMP_ARCH_X86_64"}]}"#),
            ("RF104", #"{"defaultAction":"SCMP_ACT_KILL","defaultErrnoRet":1}"#),
            ("RF301", #"{"defaultAction":"SCMP_ACT_ALLOW"}"#), ("RF301", #"{"defaultAction":"SCMP_ACT_LOG"}"#),
            ("RF302", #"{"defaultAction":"SCMP_ACT_KILL_PROCESS"}"#), ("RF303", #"{"defaultAction":"SCMP_ACT_ERRNO"}"#),
            ("RF304", #"{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38}"#),
            ("RF307", #"{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38}"#),
            ("RF308", #"{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38}"#),
            (
                "RF203",
                #"{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["brk"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}"#
            ), ("RF601", #"{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38}"#),
            ("RF602", #"{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_S390X"]}"#),
            ("RF603", #"{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X32"]}"#),
            ("RF604", #"{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86"]}"#),
        ])
    func whole(_ id: String, _ json: String) throws {
        let found = try findings(json)
        #expect(found.contains { $0.rule.rawValue == id }, "\(found.map(\.rule.rawValue))")
    }

    @Test("actions that overlap are found, those that exclude each other are not")
    func ambiguity() throws {
        func pair(_ mask: Int) -> String {
            rule(
                #"{"names":["brk"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}]},"#
                    + #"{"names":["brk"],"action":"SCMP_ACT_ERRNO","errnoRet":1,"args":[{"index":0,"value":3,"valueTwo":\#(mask),"op":"SCMP_CMP_MASKED_EQ"}]}"#
            )
        }
        #expect(try findings(pair(3)).contains { $0.rule == .ambiguousActions })
        #expect(try !findings(pair(2)).contains { $0.rule == .ambiguousActions })
        #expect(try findings(pair(3)).contains { $0.rule == .miscompiled })
    }

    @Test("a call that libcs fall back from must answer ENOSYS")
    func fallbacks() throws {
        let eperm =
            #"{"names":["openat"],"action":"SCMP_ACT_ALLOW"},{"names":["openat2"],"action":"SCMP_ACT_ERRNO","errnoRet":1}"#
        #expect(try findings(rule(eperm)).filter { $0.rule == .fallbackDenied }.map(\.calls) == [["openat2"]])
        let enosys = eperm.replacing("\"errnoRet\":1", with: "\"errnoRet\":38")
        #expect(try !findings(rule(enosys)).contains { $0.rule == .fallbackDenied })
    }

    @Test("i386's multiplexers undo conditions, and only where i386 is listed")
    func multiplexers() throws {
        let socket =
            #"{"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":4294967295,"valueTwo":2,"op":"SCMP_CMP_MASKED_EQ"}]}"#
        let both = #""SCMP_ARCH_X86_64","SCMP_ARCH_X86""#
        #expect(try findings(rule(socket, architectures: both)).contains { $0.rule == .multiplexer })
        #expect(try !findings(rule(socket)).contains { $0.rule == .multiplexer })
        let gate = #"{"names":["socketcall"],"action":"SCMP_ACT_ALLOW"}"#
        #expect(try findings(rule(gate, architectures: both)).contains { $0.rule == .multiplexer })
    }

    @Test("a generated profile has no error, no warning and no more than notable calls")
    func generated() throws {
        for compat in [[], ["read", "socket"]] {
            let generated = try SeccompGenerator.generate(
                SampleProfile.make(workload: SampleProfile.server, compat: compat),
                options: GeneratorOptions(target: .any))
            let document = try SeccompDocument.read(Array(try generated.oci.encoded()), file: "web.json")
            let found = ProfileLint.findings(document, for: context)
            let grave = found.filter { $0.rule.severity > .note }
            #expect(!compat.isEmpty || found.allSatisfy { $0.rule == .notableCall }, "\(found)")
            // i386's socketcall cannot be asked for the family; the generator says so too.
            #expect(grave.filter { compat.isEmpty || $0.rule != .multiplexer } == [], "\(grave)")
        }
    }

    @Test("ids and names are unique, and every rule says why and what to do in one line")
    func rules() {
        let rules = LintRule.allCases
        #expect(Set(rules.map(\.rawValue)).count == rules.count && Set(rules.map(\.name)).count == rules.count)
        for rule in rules {
            #expect(rule.reason.hasSuffix(".") && !rule.reason.contains("\n") && !rule.fix.isEmpty, "\(rule)")
            #expect(!rule.fix.hasSuffix("."))
        }
    }

    @Test("a SARIF log has the shape that its schema asks for")
    func sarif() throws {
        let found = try findings(rule(#"{"names":["bpf"],"action":"SCMP_ACT_ALLOW"}"#))
        let report = SARIFReport(
            [.init(path: "a dir/web.json", findings: found), .init(path: "/tmp/x.json", findings: [])],
            toolVersion: "1.0")
        struct Log: Decodable {
            struct Message: Decodable { let text: String }
            struct Rule: Decodable {
                struct Configuration: Decodable { let level: String }
                let id: String
                let shortDescription: Message
                let fullDescription: Message
                let defaultConfiguration: Configuration
            }
            struct Driver: Decodable {
                let name: String
                let version: String
                let rules: [Rule]
            }
            struct Tool: Decodable { let driver: Driver }
            struct Region: Decodable { let startLine: Int }
            struct Artifact: Decodable { let uri: String }
            struct Physical: Decodable {
                let artifactLocation: Artifact
                let region: Region
            }
            struct Location: Decodable { let physicalLocation: Physical }
            struct Result: Decodable {
                let ruleId: String
                let ruleIndex: Int
                let level: String
                let message: Message
                let locations: [Location]
            }
            struct Run: Decodable {
                let tool: Tool
                let results: [Result]
            }
            let version: String
            let runs: [Run]
        }
        let data = try report.encoded()
        #expect(
            String(decoding: data, as: UTF8.self).contains(
                #""$schema" : "https://json.schemastore.org/sarif-2.1.0.json""#))
        let log = try JSONDecoder().decode(Log.self, from: data)
        #expect(log.version == "2.1.0" && log.runs.count == 1)
        let run = try #require(log.runs.first)
        #expect(run.tool.driver.name == "ringfence" && run.tool.driver.version == "1.0")
        #expect(run.results.count == found.count && !found.isEmpty)
        for result in run.results {
            #expect(run.tool.driver.rules[result.ruleIndex].id == result.ruleId)
            #expect(["error", "warning", "note"].contains(result.level) && !result.message.text.isEmpty)
            let place = try #require(result.locations.first).physicalLocation
            #expect(place.artifactLocation.uri == "a%20dir/web.json" && place.region.startLine >= 1)
        }
    }
}
