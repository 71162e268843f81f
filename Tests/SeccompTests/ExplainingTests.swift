// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Seccomp
import TestSupport
import Testing

@Suite("Explaining calls")
struct ExplainingTests {
    @Test("the list of flaws is the repository's, sorted, of known calls, each once")
    func cves() throws {
        let text = try String(
            decoding: Data(contentsOf: URL(filePath: Repository.path + "/profiles/call-cves.conf")), as: UTF8.self)
        let entries = CallCVEs.entries
        #expect(CallCVEs.parse(text) == entries && entries.count > 30)
        #expect(Set(entries.map { "\($0.item) \($0.cve)" }).count == entries.count)
        for entry in entries {
            let call = String(entry.item.prefix { $0 != ":" })
            #expect(CallCatalog.isKnown(call), "\(call)")
            if entry.item.contains(":") { #expect(NeverAllow.tier(of: entry.item) != nil, "\(entry.item)") }
            #expect(!entry.flaw.isEmpty)
        }
        #expect(CallCVEs.of("keyctl").map(\.cve) == ["CVE-2016-0728"])
        #expect(CallCVEs.of("socket").contains { $0.item == "socket:AF_PACKET" })
        #expect(CallCVEs.of("read").isEmpty)
        for bad in ["keyctl", "keyctl CVE-2016 x", "keyctl CVE-16-1 x", "keyctl CVE-2016-a x"] {
            #expect(CallCVEs.parse(bad) == nil, "\(bad)")
        }
    }

    @Test("a story of a behaviour profile has every phase, and what is held")
    func behaviour() throws {
        var behaviour = SampleProfile.make(workload: ["read"], compat: ["read"], filteredSetup: ["read"])
        behaviour.calls["x86_64"]?["read"]?.held = "for a test"
        let story = CallStory("read", in: behaviour)
        #expect(story.phases == ["workload", "setup-filtered"] || story.phases == ["setup-filtered", "workload"])
        #expect(story.abis == ["i386", "x86_64"] && story.held == "for a test" && story.isSeen)
        #expect(story.executables == ["/usr/bin/web": 7, "/usr/bin/runc": 7, "/usr/bin/old": 7])
        #expect(story.runs == 1 && story.first == SampleProfile.start && story.tier == nil)
        let never = CallStory("ptrace", in: behaviour)
        #expect(!never.isSeen && never.tier == .never && !never.cves.isEmpty && never.reason != nil)
        #expect(CallStory("openat2").fallbacks == ["openat"])
    }

    @Test("a story of a generated profile has its evidence")
    func evidence() throws {
        let generated = try SeccompGenerator.generate(SampleProfile.make(workload: ["read", "clone3"]))
        let read = CallStory("read", in: generated.evidence)
        #expect(read.sources == ["learned", "runtime (list)"] && read.phases == ["workload"] && read.runs == 1)
        #expect(CallStory("clone", in: generated.evidence).sources.contains("fallback of clone3"))
        #expect(!CallStory("mount", in: generated.evidence).isSeen)
    }

    @Test("the table of verdicts has every call of every architecture once, as the filter answers")
    func verdicts() throws {
        let generated = try SeccompGenerator.generate(
            SampleProfile.make(workload: SampleProfile.server, compat: ["read"]))
        let table = VerdictTable(generated.oci, machine: .x86_64)
        #expect(table.architectures == [.x86_64, .x86])
        #expect(table.unknownNumber == .errno(38) && table.otherArchitecture == .killThread)
        #expect(table.rows.map(\.answer).first == "allow")
        for architecture in table.architectures {
            let names = SyscallTable.table(architecture.abi, on: .x86_64).entries.map(\.name)
            let listed = table.rows.flatMap { $0.calls[architecture] ?? [] }
            #expect(listed.sorted() == names.sorted())
        }
        let filter = try CompiledFilter(generated.oci, machine: .x86_64)
        for row in table.rows where ["allow", "EPERM", "ENOSYS"].contains(row.answer) {
            for call in row.calls[.x86_64] ?? [] where CallCatalog.resolves(call) {
                let number = Int32(try #require(SyscallTable.table(.native, on: .x86_64).number(call)))
                let action = filter.action(for: .init(auditArchitecture: 0xC000_003E, number: number))
                #expect(action.shortText == row.answer, "\(call)")
            }
        }
    }
}
