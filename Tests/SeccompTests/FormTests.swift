// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Seccomp
import TestSupport
import Testing

@Suite("Forms of a generated profile")
struct FormTests {
    private func generated(
        _ workload: [String] = SampleProfile.server, compat: [String] = [],
        arguments: [String: ArgumentEvidence] = SampleProfile.families([1, 2]),
        options: GeneratorOptions = GeneratorOptions()
    ) throws -> GeneratedProfile {
        try SeccompGenerator.generate(
            SampleProfile.make(workload: workload, compat: compat, arguments: arguments, architecture: .current),
            options: options)
    }

    private func text(_ generated: GeneratedProfile, _ form: ProfileForm) throws -> String {
        try #require(String(validating: generated.encoded(as: form), as: UTF8.self))
    }

    @Test("a SeccompProfile says what the OCI file says, but for the default's number, which the resource lacks")
    func securityProfilesOperator() throws {
        var generator = SeededGenerator(seed: 3)
        let names = CallCatalog.names(on: .x86_64)
        for round in 0..<8 {
            let workload = Array(names.shuffled(using: &generator).prefix(80))
            let generated = try generated(
                workload, compat: round % 2 == 0 ? [] : ["read", "socket"],
                options: GeneratorOptions(widens: round % 3 == 0))
            let yaml = try generated.encoded(as: .spo)
            let document = try SeccompDocument.read(yaml, file: "web.yaml")
            #expect(document.form == .securityProfilesOperator)
            let resolved = document.resolved(for: EngineContext(kernel: (6, 1)))
            #expect(resolved.profile == generated.oci.withoutDefaultErrno)
            #expect(resolved.ignored == [])
            #expect(try generated.encoded(as: .spo) == yaml)
        }
    }

    @Test("no condition of an engine is in any generated file", arguments: ProfileForm.allCases)
    func unconditional(_ form: ProfileForm) throws {
        var generator = SeededGenerator(seed: 17)
        let names = CallCatalog.names(on: .x86_64)
        for engine in EngineDefault.allCases {
            let document = try engine.document()
            let base = GeneratorBase(
                name: engine.name,
                profile: document.resolved(for: EngineContext(capabilities: engine.capabilities, kernel: (6, 1)))
                    .profile)
            let generated = try generated(
                Array(names.shuffled(using: &generator).prefix(150)),
                options: GeneratorOptions(base: base, widens: true))
            let bytes = try generated.encoded(as: form)
            let text = String(decoding: bytes, as: UTF8.self)
            for word in ["includes", "excludes", "archMap", "subArchitectures", "minKernel", "\"errno\"", "\"caps\""] {
                #expect(!text.contains(word), "\(word) in \(form)")
            }
            guard form == .oci || form == .spo else { continue }
            #expect(try !SeccompDocument.read(bytes, file: "a").isConditional)
        }
    }

    @Test("a drop-in lists calls and sets, families and namespaces, and nothing that systemd would not take")
    func systemd() throws {
        let timers = ["@timer"].flatMap { SystemdSets.all[$0] ?? [] }.sorted()
        let text = try text(
            generated(
                SampleProfile.server + timers + ["ptrace"],
                options: GeneratorOptions(target: .systemd, noNewPrivileges: true)), .systemd)
        let lines = text.split(separator: "\n").map(String.init)
        let filters = lines.filter { $0.hasPrefix("SystemCallFilter=") }
        let words = Set(
            filters.flatMap { $0.dropFirst("SystemCallFilter=".count).split(separator: " ").map(String.init) })
        #expect(words.isSuperset(of: ["@timer", "accept4", "clone", "openat", "socket", "write"]))
        #expect(words.isDisjoint(with: timers + ["ptrace", "clone3", "execve", "mmap"]))
        #expect(words.allSatisfy { !$0.contains(":") && !$0.hasPrefix("~") })
        #expect(lines.allSatisfy { $0.count <= 120 })
        #expect(lines.contains("SystemCallErrorNumber=ENOSYS") && lines.contains("SystemCallArchitectures=native"))
        #expect(lines.contains("RestrictAddressFamilies=AF_UNIX AF_INET"))
        #expect(lines.contains("RestrictNamespaces=yes") && lines.contains("NoNewPrivileges=yes"))
    }

    @Test("a drop-in opens what was accepted, and says what systemd cannot restrict")
    func systemdAccepted() throws {
        var arguments = SampleProfile.families([2, 17])
        arguments["clone.flags"] = ArgumentEvidence(values: [Phase.workload.name: [0x1000_0011]])
        let accepts = ["socket:AF_PACKET": "a DHCP client", "clone:CLONE_NEWUSER": "a sandbox"]
        let accepted = try text(
            generated(["socket", "clone"], arguments: arguments, options: GeneratorOptions(accepts: accepts)), .systemd)
        #expect(accepted.contains("\nRestrictAddressFamilies=AF_INET AF_PACKET\n"))
        #expect(accepted.contains("\nRestrictNamespaces=user\n"))
        let broad = try text(
            generated(
                ["socket", "unshare"], arguments: [:],
                options: GeneratorOptions(
                    accepts: ["unshare": "a sandbox"], argumentRules: [.socket, .clone, .ioctl])), .systemd)
        #expect(broad.contains("\nRestrictAddressFamilies=~AF_PACKET AF_ALG AF_VSOCK\n"))
        #expect(!broad.contains("RestrictNamespaces"))
        let whole = try text(generated(["ioctl"], options: GeneratorOptions(argumentRules: [.ioctl])), .systemd)
        #expect(whole.contains("# Allowed with every argument, which systemd cannot restrict: ioctl\n"))
        let none = try text(generated(["read"], options: GeneratorOptions(runtimeNeeds: .omit)), .systemd)
        #expect(!none.contains("RestrictAddressFamilies"))
    }

    @Test("the sets are the repository's, and of known calls")
    func sets() throws {
        let text = String(
            decoding: try Data(contentsOf: URL(filePath: Repository.path + "/profiles/systemd-sets.conf")),
            as: UTF8.self)
        #expect(SystemdSets.parse(text) == SystemdSets.all && SystemdSets.all.count > 10)
        #expect(SystemdSets.implied.isSuperset(of: ["execve", "exit_group", "rt_sigreturn", "clock_gettime"]))
        #expect(SystemdSets.parse("@a b c") == nil && SystemdSets.parse("a b") == nil)
    }

    @Test("the raw program is the one that was proved, 8 bytes for each instruction")
    func raw() throws {
        let generated = try generated()
        let bytes = try generated.encoded(as: .bpf)
        #expect(bytes.count == (try FilterProof(of: generated.oci).instructions["runc"] ?? 0) * 8)
        // It begins with loading the architecture: BPF_LD | BPF_W | BPF_ABS of offset 4.
        #expect(bytes.prefix(8) == [0x20, 0, 0, 0, 4, 0, 0, 0])
        #expect(bytes == (try CompiledFilter(generated.oci).bytes))
    }

    @Test("the program of a profile for arm64 has arm64's numbers, on any machine, and only its calls")
    func foreignMachine() throws {
        let generated = try SeccompGenerator.generate(
            SampleProfile.make(workload: ["openat", "open", "clone3", "read"], architecture: .arm64))
        #expect(generated.oci.machine == .arm64)
        let bytes = try generated.encoded(as: .bpf)
        var program: [CBPFInstruction] = []
        for place in stride(from: 0, to: bytes.count, by: 8) {
            var k: UInt32 = 0
            for byte in bytes[(place + 4)..<(place + 8)].reversed() { k = k << 8 | UInt32(byte) }
            let code = UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
            program.append(.step(code, k, jt: bytes[place + 2], jf: bytes[place + 3]))
        }
        let interpreter = try CBPFInterpreter(program)
        func answer(_ architecture: UInt32, _ number: Int32, _ arguments: [UInt64] = []) -> FilterAction {
            let call = FilterPolicy.Call(auditArchitecture: architecture, number: number, arguments: arguments)
            return FilterAction(returnValue: interpreter.run(call))
        }
        let arm64: UInt32 = 0xC000_00B7
        // openat is 56 and clone 220; on x86_64 56 is clone, 257 openat, and 2 open, which arm64 lacks (its 2 is io_submit).
        #expect(answer(arm64, 56) == .allow && answer(arm64, 220, [0x0120_0011]) == .allow)
        #expect(answer(arm64, 220, [0x1000_0011]) == .errno(1))
        #expect(answer(arm64, 257) == .errno(38) && answer(arm64, 2) == .errno(38))
        #expect(answer(0xC000_003E, 257) == .killThread && answer(0xC000_003E, 0) == .killThread)
        let text = try text(generated, .pfc)
        #expect(text.contains("filter for arch aarch64") && !text.contains("filter for arch x86_64"))
        #expect(text.contains("filter for syscall \"openat\" (56)"))
        let proof = try FilterProof(of: generated.oci, machine: .arm64)
        #expect(proof.mismatch == nil && bytes.count == (proof.instructions["runc"] ?? 0) * 8)
        let document = try SeccompDocument.read(Array(try generated.encoded(as: .oci)), file: "web.json")
        #expect(document.machine == .arm64)
    }

    @Test("the text of the program names its architecture, and each call with its number")
    func pseudoCode() throws {
        let text = try text(generated(compat: ["read"]), .pfc)
        #expect(text.contains("pseudo filter code start") && text.contains("filter for arch x86_64"))
        #expect(text.contains("filter for arch x86 ") && text.contains("filter for syscall \"accept4\" (288)"))
        #expect(text.contains("action ERRNO(38);") && text.contains("action ALLOW;"))
    }
}
