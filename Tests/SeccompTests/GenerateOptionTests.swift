// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Seccomp
import TestSupport
import Testing

@Suite("What a profile is generated with")
struct GenerateOptionTests {
    private static let native: UInt32 = 0xC000_003E

    private static func base(_ engine: EngineDefault, capabilities: Set<String> = []) throws -> GeneratorBase {
        let context = EngineContext(
            capabilities: engine.capabilities.union(capabilities), architecture: .x86_64, kernel: (6, 1))
        return GeneratorBase(name: engine.name, profile: try engine.document().resolved(for: context).profile)
    }

    private func answer(
        _ generated: GeneratedProfile, _ call: String, _ arguments: [UInt64] = []
    ) throws -> FilterAction {
        let number = try #require(SyscallTable.table(.native, on: .x86_64).number(call))
        return try CompiledFilter(generated.oci, machine: .x86_64).action(
            for: .init(auditArchitecture: Self.native, number: Int32(number), arguments: arguments))
    }

    /// Names that libseccomp and the tables have, in both ABIs.
    private static let names = CallCatalog.names(on: .x86_64).filter {
        SyscallTable.table(.native, on: .x86_64).number($0) != nil
    }

    private static func random(
        _ generator: inout SeededGenerator
    ) -> (profile: BehaviourProfile, options: GeneratorOptions, base: GeneratorBase) {
        let workload = Array(names.shuffled(using: &generator).prefix(Int.random(in: 1...200, using: &generator)))
        let compat =
            Bool.random(using: &generator) ? [] : CallCatalog.names(on: .x86).shuffled(using: &generator).prefix(20)
        var arguments: [String: ArgumentEvidence] = [:]
        if Bool.random(using: &generator) {
            arguments = SampleProfile.families((0..<4).map { _ in UInt32.random(in: 1..<46, using: &generator) })
        }
        let setup = Bool.random(using: &generator) ? [] : ["capset", "prctl", "mount", "write"]
        let profile = SampleProfile.make(
            workload: workload + ["socket", "clone", "personality"], compat: Array(compat), filteredSetup: setup,
            arguments: arguments)
        let graver = workload.filter { (NeverAllow.tier(of: $0) ?? .notable) < .notable }
        let accepted = graver.filter { _ in Bool.random(using: &generator) }
        let engine = EngineDefault.allCases.randomElement(using: &generator) ?? .docker
        let options = GeneratorOptions(
            accepts: Dictionary(uniqueKeysWithValues: accepted.map { ($0, "a test") }),
            runtimeNeeds: Bool.random(using: &generator) ? .include : .omit,
            target: RuntimeNeeds.Target.allCases.randomElement(using: &generator) ?? .any,
            noNewPrivileges: Bool.random(using: &generator), widens: Bool.random(using: &generator),
            argumentRules: Bool.random(using: &generator) ? [.socket, .clone] : [.socket, .clone, .ioctl])
        let capabilities: Set<String> = Bool.random(using: &generator) ? ["CAP_SYS_ADMIN"] : []
        let base = (try? Self.base(engine, capabilities: capabilities))
        return (
            profile, options,
            base ?? GeneratorBase(name: "none", profile: .init(defaultAction: .errno, architectures: []))
        )
    }

    @Test(
        "a profile is never more than ((learned + near) within the base) + the runtime's + the constant ones - never-allow"
    )
    func formula() throws {
        var generator = SeededGenerator(seed: 20_261_121)
        for round in 0..<40 {
            var (profile, options, base) = Self.random(&generator)
            options.base = base
            let generated = try SeccompGenerator.generate(profile, options: options)
            let learned = Set(profile.calls.values.flatMap { $0.filter { $0.value.phases["workload"] != nil }.keys })
            let near = CallFamilies.all.filter { !learned.isDisjoint(with: $0.calls) }.flatMap(\.calls)
            // What answers ENOSYS brings its fallback, which is as near as a family.
            let instead = generated.fallbacks.flatMap(\.instead)
            let upper = learned.union(options.widens ? near : []).union(instead).filter(base.opens)
                .union(generated.runtimeNeeds).union(AlwaysAllowed.calls)
                // Without a runtime the program itself is still to be executed.
                .union(options.runtimeNeeds == .omit ? ["execve"] : [])
            let open = ProfileVerdicts(generated.oci).open
            #expect(open.subtracting(upper) == [], "round \(round)")
            let grave = open.filter { (NeverAllow.tier(of: $0) ?? .notable) < .notable }
            #expect(grave.subtracting(options.accepts.keys) == [], "round \(round)")
            #expect(open.contains("clone3") == false)
        }
    }

    @Test("what a profile lets pass with some arguments, its base lets pass with them, the runtime's calls aside")
    func argumentsWithinBase() throws {
        var generator = SeededGenerator(seed: 51)
        for round in 0..<24 {
            var (profile, options, base) = Self.random(&generator)
            options.base = base
            let generated = try SeccompGenerator.generate(profile, options: options)
            try FilterProof(of: generated.oci, machine: .x86_64).check()
            let exempt = Set(generated.runtimeNeeds).union(AlwaysAllowed.calls)
            let (ours, theirs) = (
                try CompiledFilter(generated.oci, machine: .x86_64), try CompiledFilter(base.profile, machine: .x86_64)
            )
            let table = SyscallTable.table(.native, on: .x86_64)
            for name in Self.names where !exempt.contains(name) {
                let number = Int32(try #require(table.number(name)))
                var tried: [[UInt64]] = [[], [0x7E02_0000], [1 << 40 | 16, 3, 9], [16, 3, 9 | 1 << 33], [16, 3, 9]]
                if ["socket", "clone", "personality"].contains(name) {
                    tried += (0..<64).map { [$0] } + (0..<64).map { [1 << $0] } + [[0x20000], [0x20008], [0xFFFF_FFFF]]
                }
                for arguments in tried {
                    let call = FilterPolicy.Call(
                        auditArchitecture: Self.native, number: number, arguments: arguments)
                    guard ours.action(for: call) == .allow else { continue }
                    // Rules on 32-bit arguments ask the low half alone: the base is asked with that.
                    let low = FilterPolicy.Call(
                        auditArchitecture: Self.native, number: number, arguments: arguments.map { $0 & 0xFFFF_FFFF })
                    #expect(theirs.action(for: low) == .allow, "round \(round): \(name) \(arguments)")
                }
            }
        }
    }

    @Test("what was seen and the base denies is named with who made it; with the capability it is no finding")
    func outside() throws {
        let profile = SampleProfile.make(workload: ["read", "sethostname", "personality", "futex_waitv", "mount"])
        var options = GeneratorOptions(
            accepts: ["mount": "a file server"], runtimeNeeds: .omit, base: try Self.base(.docker))
        let generated = try SeccompGenerator.generate(profile, options: options)
        let report = try #require(generated.evidence.base)
        #expect(report.outside.map(\.call) == ["mount", "sethostname"])
        #expect(report.outside.allSatisfy { $0.who == ["/usr/bin/web"] })
        #expect(report.superfluous.contains("ptrace") && !report.superfluous.contains("read"))
        #expect(report.allowed > 250 && report.superfluous.count > 200)
        #expect(!generated.allowsEverythingSeen && generated.accepted.isEmpty)
        #expect(generated.notes.contains { $0.hasPrefix("mount was accepted, but docker-default denies it") })
        #expect(try answer(generated, "sethostname") == .errno(38))
        // Docker's default asks for personality's value.
        #expect(try answer(generated, "personality", [0x20008]) == .allow)
        #expect(try answer(generated, "personality", [0x40000]) == .errno(38))

        options.base = try Self.base(.docker, capabilities: ["CAP_SYS_ADMIN"])
        let administrator = try SeccompGenerator.generate(profile, options: options)
        #expect(administrator.allowsEverythingSeen && administrator.accepted.map(\.call) == ["mount"])
        #expect(try answer(administrator, "mount") == .allow)
        let free = try SeccompGenerator.generate(SampleProfile.make(workload: ["sethostname"]))
        #expect(free.evidence.base == nil && free.allowsEverythingSeen)
    }

    @Test("Podman's condition on netlink protocols stays, and is asked in the low half")
    func netlink() throws {
        let generated = try SeccompGenerator.generate(
            SampleProfile.make(workload: ["socket"]),
            options: GeneratorOptions(runtimeNeeds: .omit, base: try Self.base(.podman)))
        #expect(try answer(generated, "socket", [16, 3, 0]) == .allow)
        #expect(try answer(generated, "socket", [16, 3, 15 | 1 << 40]) == .allow)
        #expect(try answer(generated, "socket", [16, 3, 9]) != .allow)
        #expect(try answer(generated, "socket", [16, 3, 9 | 1 << 40]) != .allow)
        #expect(try answer(generated, "socket", [2, 1, 9]) == .allow)
        let comparisons = generated.oci.syscalls.flatMap { $0.args ?? [] }.map(\.op)
        #expect(Set(comparisons) == [.maskedEqual])
    }

    @Test("widening brings the family of what was seen, named with its reason, and nothing grave or foreign")
    func widens() throws {
        let profile = SampleProfile.make(workload: ["open", "clone3", "splice"])
        let narrow = try SeccompGenerator.generate(profile, options: GeneratorOptions(runtimeNeeds: .omit))
        #expect(narrow.widened.isEmpty)
        let wide = try SeccompGenerator.generate(
            profile, options: GeneratorOptions(runtimeNeeds: .omit, widens: true))
        #expect(wide.widened == ["creat", "openat", "openat2"])
        let openat = try #require(wide.evidence.calls.first { $0.call == "openat" })
        #expect(openat.sources.count == 1 && openat.sources[0].hasPrefix("near open: glibc 2.26"))
        #expect(openat.runs == 0 && !wide.learned.contains("openat"))
        #expect(try answer(wide, "openat") == .allow && answer(narrow, "openat") == .errno(38))
        #expect(try answer(wide, "tee") == .errno(38) && answer(wide, "clone3") == .errno(38))
        let removed = SampleProfile.make(
            workload: ["open"],
            decisions: [
                .init(
                    entry: "calls/x86_64/creat", verdict: .remove, reason: "no", author: "ann",
                    date: SampleProfile.start)
            ])
        let without = try SeccompGenerator.generate(
            removed, options: GeneratorOptions(runtimeNeeds: .omit, widens: true))
        #expect(without.widened == ["openat", "openat2"])
    }

    @Test("the families are the repository's, of known calls, none in two, none of tier 0 or 1")
    func families() throws {
        let text = String(
            decoding: try Data(contentsOf: URL(filePath: Repository.path + "/profiles/call-families.conf")),
            as: UTF8.self)
        #expect(CallFamilies.parse(text) == CallFamilies.all && CallFamilies.all.count > 30)
        let calls = CallFamilies.all.flatMap(\.calls)
        #expect(Set(calls).count == calls.count)
        #expect(calls.filter { !CallCatalog.isKnown($0) } == [])
        #expect(calls.filter { (NeverAllow.tier(of: $0) ?? .notable) < .notable } == [])
        #expect(CallFamilies.all.allSatisfy { $0.calls.count > 1 && !$0.reason.isEmpty })
        #expect(CallFamilies.parse("open open,openat") == nil)
    }

    @Test("with no_new_privs the runtime needs less, and each runtime its own")
    func needs() throws {
        let profile = SampleProfile.make(workload: ["read"], filteredSetup: ["capset", "setuid"])
        func needs(_ target: RuntimeNeeds.Target, _ isLate: Bool) throws -> Set<String> {
            let options = GeneratorOptions(target: target, noNewPrivileges: isLate)
            return Set(try SeccompGenerator.generate(profile, options: options).runtimeNeeds)
        }
        #expect(try needs(.crun, true) == ["execve", "write"])
        #expect(try needs(.systemd, false) == ["execve", "write"])
        for target in RuntimeNeeds.Target.allCases where target != .systemd && target != .auto {
            let (early, late) = (try needs(target, false), try needs(target, true))
            #expect(late.isStrictSubset(of: early) && late.contains("execve"), "\(target)")
            #expect(early.contains("capset") && !late.contains("capset") && !late.contains("setuid"), "\(target)")
        }
        #expect(try needs(.docker, true) == needs(.runc, true) && needs(.docker, false) == needs(.containerd, false))
        // The recording names runc, so that is what is meant.
        #expect(try needs(.auto, true) == needs(.runc, true))
        #expect(try !needs(.auto, false).contains("setresuid") && needs(.podman, false).contains("setresuid"))
    }

    @Test("a profile for one runtime is judged right for that one, and not for the other", arguments: [false, true])
    func lint(_ isLate: Bool) throws {
        func missing(_ made: RuntimeNeeds.Target, _ judged: RuntimeNeeds.Target) throws -> Bool {
            let generated = try SeccompGenerator.generate(
                SampleProfile.make(workload: ["read"]),
                options: GeneratorOptions(target: made, noNewPrivileges: isLate))
            let document = try SeccompDocument.read(generated.encoded(as: .oci), file: "a.json")
            return ProfileLint.findings(
                document, for: EngineContext(architecture: .x86_64, kernel: (6, 1)), target: judged,
                noNewPrivileges: isLate
            ).contains { $0.rule == .missingRuntimeNeeds }
        }
        for target in RuntimeNeeds.Target.allCases where target != .auto {
            #expect(try !missing(target, target), "\(target)")
        }
        #expect(try missing(.crun, .runc) && missing(.systemd, .any))
        #expect(try missing(.runc, .crun) == !isLate)
    }

    @Test("ioctl makes every request but those that type into a terminal, judged on the low half")
    func ioctl() throws {
        let rules: Set<GeneratorOptions.ArgumentRule> = [.clone, .ioctl]
        let profile = SampleProfile.make(workload: ["ioctl"])
        let generated = try SeccompGenerator.generate(
            profile, options: GeneratorOptions(runtimeNeeds: .omit, argumentRules: rules))
        try FilterProof(of: generated.oci, machine: .x86_64).check()
        for request: UInt64 in [0x5401, 0x5411, 0x5413, 0x541B, 0x541D, 0, 0xFFFF_FFFF, 0x4004_6601] {
            #expect(try answer(generated, "ioctl", [0, request]) == .allow)
            #expect(try answer(generated, "ioctl", [0, request | 0xDEAD_BEEF_0000_0000]) == .allow)
        }
        for request: UInt64 in [0x5412, 0x541C, 0x5412 | 1 << 32, 0x541C | 1 << 63] {
            #expect(try answer(generated, "ioctl", [0, request]) == .errno(1))
        }
        let free = try SeccompGenerator.generate(profile, options: GeneratorOptions(runtimeNeeds: .omit))
        #expect(try answer(free, "ioctl", [0, 0x5412]) == .allow)
    }

    @Test(
        "a rule that needs values which nobody recorded is refused; with them it holds, the runtime's own options added"
    )
    func facts() throws {
        var profile = SampleProfile.make(workload: ["prctl", "personality", "ioctl"])
        for rule in [GeneratorOptions.ArgumentRule.prctl, .personality] {
            let error = #expect(throws: SeccompError.self) {
                try SeccompGenerator.generate(profile, options: GeneratorOptions(argumentRules: [.clone, rule]))
            }
            #expect(error?.description.contains(rule.fact) == true)
            #expect(error?.description.contains("\n") == false)
        }
        func values(_ list: [UInt32], calls: UInt64 = 40) -> ArgumentEvidence {
            ArgumentEvidence(values: [Phase.workload.name: list], calls: calls, runs: 3)
        }
        profile.arguments = [
            "prctl.option": values([16]), "personality.persona": values([8]),
            "ioctl.request": values([0x5401, 0x5412]),
        ]
        let all = Set(GeneratorOptions.ArgumentRule.allCases)
        let generated = try SeccompGenerator.generate(
            profile, options: GeneratorOptions(target: .runc, argumentRules: all))
        #expect(try answer(generated, "prctl", [16]) == .allow && answer(generated, "prctl", [38]) == .allow)
        #expect(try answer(generated, "prctl", [35]) == .errno(38))
        #expect(try answer(generated, "personality", [8 | 1 << 40]) == .allow)
        #expect(try answer(generated, "personality", [0x40000]) == .errno(38))
        #expect(
            try answer(generated, "ioctl", [0, 0x5401]) == .allow && answer(generated, "ioctl", [0, 1]) == .errno(38))
        #expect(try answer(generated, "ioctl", [0, 0x5412]) == .errno(1))
        let alone = try SeccompGenerator.generate(
            profile, options: GeneratorOptions(runtimeNeeds: .omit, argumentRules: all))
        #expect(try answer(alone, "prctl", [38]) == .errno(38))
        profile.arguments["prctl.option"] = values([16], calls: 2)
        let thin = try SeccompGenerator.generate(profile, options: GeneratorOptions(argumentRules: [.clone, .prctl]))
        #expect(try answer(thin, "prctl", [35]) == .allow)
        #expect(thin.notes.contains { $0.hasPrefix("prctl: not restricted") })
    }

    @Test("the steady part is what was used after the first epoch, or all of a late recording, and else refused")
    func steady() throws {
        let options = GeneratorOptions(span: .steady)
        var profile = SampleProfile.make(workload: ["read", "arch_prctl"])
        #expect(throws: SeccompError.self) { try SeccompGenerator.generate(profile, options: options) }

        profile.window.partial = [ProfileWindow.lateReason]
        #expect(try SeccompGenerator.generate(profile, options: options).learned == ["arch_prctl", "read"])

        profile.window.partial = []
        profile.learning = ProfileLearning(start: SampleProfile.start, seconds: 6000, epochSeconds: 600)
        profile.learning?.instances = 1
        profile.window.end = SampleProfile.start.addingTimeInterval(1800)
        profile.calls["x86_64"]?["read"]?.phases["workload"]?.last = SampleProfile.start.addingTimeInterval(1800)
        profile.calls["x86_64"]?["arch_prctl"]?.phases["workload"]?.last = SampleProfile.start.addingTimeInterval(600)
        let steady = try SeccompGenerator.generate(profile, options: options)
        #expect(steady.learned == ["read"] && steady.runtimeNeeds.isEmpty)
        #expect(try answer(steady, "execve") == .errno(38) && answer(steady, "exit_group") == .allow)
        #expect(try SeccompGenerator.generate(profile).learned == ["arch_prctl", "read"])
        // Started twice: which calls belong to a start can no longer be told.
        profile.learning?.instances = 2
        #expect(throws: SeccompError.self) { try SeccompGenerator.generate(profile, options: options) }
    }
    @Test("the steady part of a recording is what was called under filters that the program loaded itself")
    func ownFilter() throws {
        let options = GeneratorOptions(span: .steady)
        var profile = SampleProfile.make(
            workload: ["read", "write", "mincore", "ptrace", "execve"], compat: ["open"], filteredSetup: ["capset"])
        profile.window.steady = true
        let none = #expect(throws: SeccompError.self) { try SeccompGenerator.generate(profile, options: options) }
        #expect(none?.reason.hasPrefix("no program loaded a seccomp filter of its own") == true)

        for call in ["read", "write"] {
            profile.calls["x86_64"]?[call]?.phases["workload"]?.steady = ["/usr/bin/web"]
        }
        profile.calls["x86_64"]?["read"]?.phases["workload"]?.executables["/bin/sh"] = 3
        let steady = try SeccompGenerator.generate(profile, options: options)
        #expect(steady.learned == ["read", "write"] && steady.runtimeNeeds.isEmpty && steady.leftOut.isEmpty)
        #expect(steady.oci.architectures == [.x86_64])
        #expect(steady.evidence.calls.first { $0.call == "read" }?.executables == ["/usr/bin/web": 7])
        #expect(steady.notes.contains("what was called once a filter of its own was loaded, by /usr/bin/web"))
        #expect(!steady.notes.contains { $0.contains("executed then") })
        for call in ["read", "exit", "exit_group", "rt_sigreturn", "restart_syscall"] {
            #expect(try answer(steady, call) == .allow, "\(call)")
        }
        for call in ["mincore", "execve", "capset"] { #expect(try answer(steady, call) != .allow, "\(call)") }
        #expect(try SeccompGenerator.generate(profile).learned.contains("mincore"))

        profile.calls["x86_64"]?["execve"]?.phases["workload"]?.steady = ["/usr/bin/web"]
        let executing = try SeccompGenerator.generate(profile, options: options)
        #expect(try answer(executing, "execve") == .allow)
        #expect(executing.notes.contains { $0.hasPrefix("programs that /usr/bin/web executed then") })
        // What began late has no start in it; where one recording of several did not look, nothing is told.
        profile.window.partial = [ProfileWindow.lateReason]
        #expect(try SeccompGenerator.generate(profile, options: options).learned.contains("mincore"))
        profile.window.partial = []
        profile.window.steady = nil
        let untold = #expect(throws: SeccompError.self) { try SeccompGenerator.generate(profile, options: options) }
        #expect(untold?.reason.contains("does not tell the start") == true)
    }
}
