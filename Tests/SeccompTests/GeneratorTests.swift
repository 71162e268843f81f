// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Seccomp
import Testing

@Suite("Generated profiles")
struct GeneratorTests {
    private let native: UInt32 = 0xC000_003E

    /// What a compiled profile answers to a native x86_64 call.
    private func answer(
        _ filter: CompiledFilter, _ call: String, _ arguments: [UInt64] = []
    ) throws -> FilterAction {
        let number = try #require(SyscallTable.table(.native, on: .x86_64).number(call))
        return filter.action(
            for: .init(auditArchitecture: native, number: Int32(number), arguments: arguments))
    }

    private func compiled(_ generated: GeneratedProfile) throws -> CompiledFilter {
        try CompiledFilter(generated.oci, machine: .x86_64)
    }

    @Test("a server's profile allows what it did, answers ENOSYS to the rest and EPERM to what is dangerous")
    func server() throws {
        let generated = try SeccompGenerator.generate(SampleProfile.make(workload: SampleProfile.server))
        let filter = try compiled(generated)
        for call in ["read", "accept4", "restart_syscall", "exit_group", "openat2", "statx", "rt_sigreturn"] {
            #expect(try answer(filter, call) == .allow, "\(call)")
        }
        for call in ["ptrace", "mount", "keyctl", "unshare", "bpf", "setns", "io_uring_setup"] {
            #expect(try answer(filter, call) == .errno(1), "\(call)")
        }
        for call in ["clone3", "getrusage", "sync", "acct"] {
            #expect(try answer(filter, call) == .errno(38), "\(call)")
        }
        #expect(filter.action(for: .init(auditArchitecture: native, number: 600)) == .errno(38))
        #expect(generated.allowsEverythingSeen)
        #expect(generated.oci.architectures == [.x86_64])
        #expect(generated.oci.defaultAction == .errno && generated.oci.defaultErrnoRet == 38)
        #expect(generated.notes.contains { $0.contains("i386") && $0.contains("killed") })
    }

    @Test("a learned clone3 stays refused and brings clone without namespaces, which the report says")
    func threads() throws {
        let generated = try SeccompGenerator.generate(
            SampleProfile.make(workload: ["clone3"]), options: GeneratorOptions(runtimeNeeds: .omit))
        let filter = try compiled(generated)
        #expect(try answer(filter, "clone", [0x3D0F00]) == .allow)
        #expect(try answer(filter, "clone", [0xFFFF_FFFF_0000_0000 | 0x1200011]) == .allow)
        for bit in [17, 25, 26, 27, 28, 29, 30] {
            #expect(try answer(filter, "clone", [1 << UInt64(bit) | 17]) == .errno(1), "bit \(bit)")
        }
        #expect(try answer(filter, "clone3") == .errno(38))
        #expect(generated.fallbacks.map(\.call) == ["clone3"])
        #expect(generated.fallbacks.map(\.instead) == [["clone"]])
        let clone = try #require(generated.evidence.calls.first { $0.call == "clone" })
        #expect(clone.sources == ["fallback of clone3"])
    }

    @Test("calls of tier 0 and 1 are left out and named with who made them, unless accepted with a reason")
    func tiers() throws {
        let profile = SampleProfile.make(workload: ["read", "ptrace", "mount", "splice"])
        let refused = try SeccompGenerator.generate(profile)
        #expect(refused.leftOut.map(\.call) == ["ptrace", "mount"])
        #expect(refused.leftOut.map(\.tier) == [.never, .justified])
        #expect(refused.leftOut.allSatisfy { $0.who == ["/usr/bin/web"] && !$0.reason.isEmpty })
        #expect(refused.flagged == ["splice"])
        #expect(!refused.allowsEverythingSeen)
        #expect(try answer(compiled(refused), "ptrace") == .errno(1))

        let options = GeneratorOptions(accepts: ["ptrace": "it is a debugger"])
        let accepted = try SeccompGenerator.generate(profile, options: options)
        #expect(accepted.leftOut.map(\.call) == ["mount"])
        #expect(accepted.accepted.map(\.call) == ["ptrace"])
        #expect(accepted.accepted.map(\.reason) == ["it is a debugger"])
        #expect(try answer(compiled(accepted), "ptrace") == .allow)
    }

    @Test("a decision in the profile accepts, and the newest one counts")
    func decisions() throws {
        func decision(_ verdict: ProfileDecision.Verdict) -> ProfileDecision {
            ProfileDecision(
                entry: "calls/x86_64/ptrace", verdict: verdict, reason: "debugger", author: "ann",
                date: SampleProfile.start)
        }
        let yes = SampleProfile.make(workload: ["ptrace"], decisions: [decision(.accept)])
        #expect(try answer(compiled(SeccompGenerator.generate(yes)), "ptrace") == .allow)
        let no = SampleProfile.make(workload: ["ptrace"], decisions: [decision(.accept), decision(.remove)])
        #expect(try answer(compiled(SeccompGenerator.generate(no)), "ptrace") == .errno(1))
    }

    @Test("an acceptance without a reason, or of a call that needs none, is an error")
    func badAcceptance() {
        let profile = SampleProfile.make(workload: ["read"])
        #expect(throws: SeccompError.self) {
            try SeccompGenerator.generate(profile, options: GeneratorOptions(accepts: ["ptrace": "  "]))
        }
        #expect(throws: SeccompError.self) {
            try SeccompGenerator.generate(profile, options: GeneratorOptions(accepts: ["read": "why not"]))
        }
    }

    @Test("socket is judged on the low 32 bits, with the refused families by default and the learned ones on evidence")
    func socketFamilies() throws {
        let garbage: UInt64 = 0xDEAD_BEEF_0000_0000
        let broad = try compiled(SeccompGenerator.generate(SampleProfile.make(workload: ["socket"])))
        for family in UInt64(0)..<64 {
            let expected: FilterAction = [17, 38, 40].contains(family) ? .errno(1) : .allow
            #expect(try answer(broad, "socket", [family]) == expected, "family \(family)")
            #expect(try answer(broad, "socket", [garbage | family]) == expected, "family \(family)")
        }
        #expect(try answer(broad, "socket", [64]) == .errno(38))

        let learned = try SeccompGenerator.generate(
            SampleProfile.make(workload: ["socket"], arguments: SampleProfile.families([1, 2])))
        let narrow = try compiled(learned)
        #expect(try answer(narrow, "socket", [2]) == .allow)
        #expect(try answer(narrow, "socket", [garbage | 1]) == .allow)
        #expect(try answer(narrow, "socket", [10]) == .errno(38))
        #expect(learned.notes.contains("socket: only AF_UNIX, AF_INET"))
    }

    @Test(
        "a family list needs enough calls and runs, no overflow and no late value",
        arguments: [
            SampleProfile.families([2], calls: 29), SampleProfile.families([2], runs: 2),
            SampleProfile.families([2], grewLate: true), SampleProfile.families([2], overflowed: true),
        ])
    func thinEvidence(_ arguments: [String: ArgumentEvidence]) throws {
        let generated = try SeccompGenerator.generate(
            SampleProfile.make(workload: ["socket"], arguments: arguments))
        #expect(try answer(compiled(generated), "socket", [10]) == .allow)
    }

    @Test("a packet socket and a namespace are left out, and each is accepted by its own name")
    func argumentItems() throws {
        var arguments = SampleProfile.families([2, 17])
        arguments["clone.flags"] = ArgumentEvidence(values: [Phase.workload.name: [0x1000_0011]])
        let profile = SampleProfile.make(workload: ["socket", "clone"], arguments: arguments)
        let refused = try SeccompGenerator.generate(profile)
        #expect(refused.leftOut.map(\.call) == ["clone:CLONE_NEWUSER", "socket:AF_PACKET"])
        let accepts = ["socket:AF_PACKET": "a DHCP client", "clone:CLONE_NEWUSER": "a sandbox"]
        let accepted = try SeccompGenerator.generate(profile, options: GeneratorOptions(accepts: accepts))
        #expect(accepted.allowsEverythingSeen)
        let filter = try compiled(accepted)
        #expect(try answer(filter, "socket", [17]) == .allow)
        #expect(try answer(filter, "socket", [38]) == .errno(1))
        #expect(try answer(filter, "clone", [0x1000_0011]) == .allow)
        #expect(try answer(filter, "clone", [0x3000_0011]) == .errno(1))
    }

    @Test("what the runtime was seen to call beats the list, sessions count, and omit leaves both out")
    func runtimeNeeds() throws {
        let seen = SampleProfile.make(workload: ["read"], filteredSetup: ["capset"], sessionSetup: ["setgroups"])
        let observed = try SeccompGenerator.generate(seen)
        #expect(observed.runtimeNeedsObserved)
        #expect(Set(["capset", "setgroups", "openat2", "statx", "futex"]).isSubset(of: observed.runtimeNeeds))
        #expect(!observed.runtimeNeeds.contains("setresuid"))
        let listed = try SeccompGenerator.generate(
            SampleProfile.make(workload: ["read"]), options: GeneratorOptions(target: .any))
        #expect(!listed.runtimeNeedsObserved)
        #expect(Set(["setresuid", "getppid", "fchown", "statx"]).isSubset(of: listed.runtimeNeeds))
        let none = try SeccompGenerator.generate(seen, options: GeneratorOptions(runtimeNeeds: .omit))
        #expect(none.runtimeNeeds.isEmpty)
        #expect(try answer(compiled(none), "capset") == .errno(38))
        let capset = try #require(observed.evidence.calls.first { $0.call == "capset" })
        #expect(capset.sources == ["runtime (observed)"] && capset.phases == ["setup-filtered"])
        #expect(capset.executables == ["/usr/bin/runc": 7])
    }

    @Test("an architecture is listed only if its calls were seen, and twins that this opens are named")
    func compat() throws {
        let generated = try SeccompGenerator.generate(
            SampleProfile.make(workload: ["read"], compat: ["read", "vfork", "accept4"]))
        #expect(generated.oci.architectures == [.x86_64, .x86])
        #expect(generated.notes.contains { $0.hasPrefix("seen in i386 alone") && $0.contains("vfork") })
        #expect(!generated.notes.contains { $0.hasPrefix("read was seen") })
        try FilterProof(of: generated.oci, machine: .x86_64).check()
        let filter = try compiled(generated)
        let accept = FilterPolicy.Call(auditArchitecture: 0x4000_0003, number: 102, arguments: [18])
        #expect(filter.action(for: accept) == .allow)
        let socket = FilterPolicy.Call(auditArchitecture: 0x4000_0003, number: 102, arguments: [1])
        #expect(filter.action(for: socket) == .errno(38))
    }

    @Test("the file has the fields of the OCI specification only, every known call by name, and equal bytes each time")
    func file() throws {
        let profile = SampleProfile.make(workload: SampleProfile.server)
        let generated = try SeccompGenerator.generate(profile)
        let json = try generated.oci.encoded()
        #expect(try SeccompGenerator.generate(profile).oci.encoded() == json)
        let text = try #require(String(validating: json, as: UTF8.self))
        #expect(text.hasSuffix("}\n"))
        for key in ["includes", "excludes", "archMap", "minKernel", "\"errno\""] { #expect(!text.contains(key)) }
        let reading = try OCISeccompProfile.read(Array(json), file: "web.json", refusingUnknownCalls: true)
        #expect(reading.profile == generated.oci)
        #expect(reading.warnings.isEmpty)
        let named = Set(generated.oci.syscalls.flatMap(\.names))
        #expect(CallCatalog.names(on: .x86_64).filter { !named.contains($0) } == [])
        #expect(named.filter { !CallCatalog.resolves($0) } == [])
    }

    @Test("an old engine that drops the default's number still answers ENOSYS to every call that has a name")
    func oldEngine() throws {
        let generated = try SeccompGenerator.generate(SampleProfile.make(workload: SampleProfile.server))
        let filter = try CompiledFilter(generated.oci.withoutDefaultErrno, machine: .x86_64)
        #expect(try answer(filter, "clone3") == .errno(38))
        #expect(try answer(filter, "faccessat") == .errno(38))
        #expect(try answer(filter, "ptrace") == .errno(1))
        #expect(try answer(filter, "read") == .allow)
    }

    @Test("the evidence names who, how often, when, and on what it was recorded")
    func evidence() throws {
        let generated = try SeccompGenerator.generate(SampleProfile.make(workload: ["read", "#700"]))
        let read = try #require(generated.evidence.calls.first { $0.call == "read" })
        #expect(read.sources == ["learned", "runtime (list)"])
        #expect(read.executables == ["/usr/bin/web": 7] && read.runs == 1 && read.first == SampleProfile.start)
        #expect(generated.notes.contains { $0.contains("#700") })
        let json = try generated.encodedEvidence()
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        #expect(try decoder.decode(GeneratedProfile.Evidence.self, from: json) == generated.evidence)
    }

    @Test("an arm64 profile compiles for arm64 and answers by arm64's numbers")
    func arm64() throws {
        let generated = try SeccompGenerator.generate(
            SampleProfile.make(workload: ["read", "openat", "clone3"], architecture: .arm64))
        #expect(generated.oci.architectures == [.aarch64])
        try FilterProof(of: generated.oci, machine: .arm64).check()
        let filter = try CompiledFilter(generated.oci, machine: .arm64)
        #expect(filter.action(for: .init(auditArchitecture: 0xC000_00B7, number: 63)) == .allow)
        #expect(filter.action(for: .init(auditArchitecture: 0xC000_00B7, number: 117)) == .errno(1))
        #expect(filter.action(for: .init(auditArchitecture: native, number: 0)) == .killThread)
    }

    @Test("what a probe calls is allowed and named as its own; other sessions and its grave calls are left out")
    func probes() throws {
        var profile = SampleProfile.make(workload: ["read", "execve"])
        let use = PhaseEvidence(first: SampleProfile.start, last: SampleProfile.start, executables: ["/bin/curl": 1])
        let other = PhaseEvidence(first: SampleProfile.start, last: SampleProfile.start, executables: ["/bin/sh": 1])
        for call in ["connect", "mount"] {
            profile.calls["x86_64"]?[call] = CallEvidence(phases: [Phase.sessionWorkload.name: use])
        }
        profile.calls["x86_64"]?["chmod"] = CallEvidence(phases: [Phase.sessionWorkload.name: other])
        let before = try SeccompGenerator.generate(profile)
        #expect(!before.learned.contains("connect"))
        profile.markProbe(command: ["curl", "-f"], executables: ["/bin/curl"])
        let generated = try SeccompGenerator.generate(profile)
        #expect(generated.learned.contains("connect") && !generated.learned.contains("chmod"))
        #expect(generated.evidence.calls.first { $0.call == "connect" }?.sources == ["probe: curl -f"])
        #expect(generated.leftOut.map(\.call) == ["mount"])
        #expect(generated.notes.contains { $0.contains("only exec sessions made them: chmod;") })
    }
}
