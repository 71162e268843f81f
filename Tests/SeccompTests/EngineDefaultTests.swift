// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Seccomp
import TestSupport
import Testing

@Suite("Defaults of engines")
struct EngineDefaultTests {
    private func verdicts(_ engine: EngineDefault, adding added: Set<String> = [], kernel: (Int, Int) = (6, 1)) throws
        -> ProfileVerdicts
    {
        let context = EngineContext(
            capabilities: engine.capabilities.union(added), architecture: .x86_64, kernel: kernel)
        return ProfileVerdicts(try engine.document().resolved(for: context).profile)
    }

    @Test("what is carried inside is what the repository has, with whose it is", arguments: EngineDefault.allCases)
    func files(_ engine: EngineDefault) throws {
        let path = Repository.path + "/profiles/engines/\(engine.name).json"
        let file = try SeccompDocument.read(
            Array(try Data(contentsOf: URL(filePath: path))), file: path)
        let inside = try engine.document()
        let context = EngineContext(capabilities: EngineContext.allCapabilities, kernel: (6, 1))
        #expect(file.resolved(for: context) == inside.resolved(for: context))
        #expect(inside.form == .engine && inside.isConditional)
        #expect(inside.origin?.contains(" ") == true)
        #expect(inside.flaws.allSatisfy { $0.rule == .conditionalField }, "\(inside.flaws)")
    }

    @Test("each lets ordinary calls pass and grave ones only with their capability", arguments: EngineDefault.allCases)
    func capabilities(_ engine: EngineDefault) throws {
        let plain = try verdicts(engine)
        for call in ["read", "openat2", "futex", "execve", "ptrace", "chroot"] {
            #expect(plain.verdict(of: call).isFullyOpen, "\(call)")
        }
        let pairs = [
            ("bpf", "CAP_SYS_ADMIN"), ("perf_event_open", "CAP_SYS_ADMIN"),
            ("open_by_handle_at", "CAP_DAC_READ_SEARCH"),
            ("init_module", "CAP_SYS_MODULE"), ("acct", "CAP_SYS_PACCT"), ("iopl", "CAP_SYS_RAWIO"),
            ("kcmp", "CAP_SYS_PTRACE"), ("clock_settime", "CAP_SYS_TIME"), ("vhangup", "CAP_SYS_TTY_CONFIG"),
        ]
        for (call, capability) in pairs {
            #expect(!plain.verdict(of: call).isOpen, "\(call)")
            #expect(try verdicts(engine, adding: [capability]).verdict(of: call).isFullyOpen, "\(call)")
        }
        let bare = EngineContext(capabilities: [], architecture: .x86_64, kernel: (6, 1))
        let none = ProfileVerdicts(try engine.document().resolved(for: bare).profile)
        #expect(!none.verdict(of: "chroot").isOpen)
    }

    @Test("Docker's and containerd's clone makes no namespaces, and clone3 answers ENOSYS, unless they may administer")
    func clone() throws {
        for engine in [EngineDefault.docker, .containerd] {
            let plain = try verdicts(engine)
            #expect(plain.verdict(of: "clone").description == "allow if arg0 & 0x7e020000 == 0, else EPERM")
            #expect(plain.verdict(of: "clone3") == .always(.errno(38)))
            let privileged = try verdicts(engine, adding: ["CAP_SYS_ADMIN"])
            #expect(privileged.verdict(of: "clone") == .always(.allow))
            #expect(privileged.verdict(of: "clone3") == .always(.allow))
        }
    }

    @Test("a rule for later kernels does not count on an earlier one")
    func kernels() throws {
        #expect(try verdicts(.docker, kernel: (4, 8)).verdict(of: "ptrace").isOpen)
        #expect(try !verdicts(.docker, kernel: (4, 7)).verdict(of: "ptrace").isOpen)
        #expect(try verdicts(.docker, kernel: (10, 0)).verdict(of: "ptrace").isOpen)
        #expect(EngineContext.kernel("6.1.0-18-amd64")?.major == 6)
        #expect(EngineContext.kernel("6.12-rc1")?.minor == 12)
        for text in ["6", "", "a.b", "-1.2"] { #expect(EngineContext.kernel(text) == nil, "\(text)") }
    }

    @Test("an arm64 machine gets its own architectures and calls", arguments: [EngineDefault.docker, .podman])
    func arm64(_ engine: EngineDefault) throws {
        let context = EngineContext(architecture: .arm64, kernel: (6, 1))
        let profile = try engine.document().resolved(for: context).profile
        #expect(profile.architectures == [.aarch64, .arm])
        let verdicts = ProfileVerdicts(profile)
        #expect(verdicts.verdict(of: "cacheflush").isOpen && !verdicts.verdict(of: "modify_ldt").isOpen)
        let native = try self.verdicts(engine)
        #expect(!native.verdict(of: "cacheflush").isOpen && native.verdict(of: "modify_ldt").isOpen)
    }

    @Test("the filter of each is what its file says", arguments: EngineDefault.allCases)
    func proof(_ engine: EngineDefault) throws {
        for capabilities in [engine.capabilities, EngineContext.allCapabilities, []] {
            let context = EngineContext(capabilities: capabilities, architecture: .x86_64, kernel: (6, 1))
            let proof = try FilterProof(of: engine.document().resolved(for: context).profile, machine: .x86_64)
            #expect(proof.comparisons > 7000)
            #expect(proof.mismatch == nil)
        }
    }
}
