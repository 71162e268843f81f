// SPDX-License-Identifier: Apache-2.0
import Events
import Seccomp
import TestSupport
import Testing

@Suite("Seccomp profiles of other makes")
struct DocumentTests {
    private let context = EngineContext(architecture: .x86_64, kernel: (6, 1))

    private func read(_ text: String) throws -> SeccompDocument {
        try SeccompDocument.read(Array(text.utf8), file: "web.json")
    }

    private static let hook = #"""
        {"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["read","write"],
        "action":"SCMP_ACT_ALLOW","args":[],"comment":"","includes":{},"excludes":{}}]}
        """#

    @Test("a list with empty conditions, as oci-seccomp-bpf-hook writes it, is plain")
    func hook() throws {
        let document = try read(Self.hook)
        #expect(document.form == .oci && document.flaws.isEmpty && !document.isConditional)
        let resolved = document.resolved(for: context)
        #expect(resolved.profile.syscalls == [.init(names: ["read", "write"], action: .allow)])
        #expect(resolved.ignored.isEmpty)
    }

    @Test("comments before the profile are left aside and said, with lines as in the file")
    func comments() throws {
        let document = try read("// default/web/nginx\n\n" + Self.hook.replacing("\"write\"", with: "\"wriet\""))
        #expect(document.flaws.map(\.rule) == [.unknownKey])
        let findings = ProfileLint.findings(document, for: context)
        #expect(findings.first { $0.rule == .unknownCall }?.line == 3)
        #expect(throws: SeccompError.self) { try read("// a\nx\n" + Self.hook) }
    }

    @Test("a SeccompProfile of the Security Profiles Operator is read from YAML and from JSON alike")
    func securityProfilesOperator() throws {
        let yaml = """
            ---
            apiVersion: security-profiles-operator.x-k8s.io/v1beta1
            kind: SeccompProfile
            metadata:
              name: "web"   # a comment
              annotations: {}
            spec:
              defaultAction: SCMP_ACT_ERRNO
              architectures: [SCMP_ARCH_X86_64]
              baseProfileName: runc-v1.2.0
              syscalls:
              - action: SCMP_ACT_ALLOW
                names:
                - read
                - 'write'
              - action: SCMP_ACT_ALLOW
                names: [socket]
                args:
                  - index: 0
                    value: 4294967295
                    valueTwo: 2
                    op: SCMP_CMP_MASKED_EQ
            """
        let document = try read(yaml)
        #expect(document.form == .securityProfilesOperator)
        let resolved = document.resolved(for: context)
        #expect(resolved.profile.architectures == [.x86_64])
        #expect(
            resolved.profile.syscalls == [
                .init(names: ["read", "write"], action: .allow),
                .init(
                    names: ["socket"], action: .allow, args: [.masked(0, mask: 0xFFFF_FFFF, equals: 2)]),
            ])
        #expect(resolved.ignored.count == 1 && resolved.ignored[0].hasPrefix("line 10: baseProfileName"))
        let json = #"""
            {"kind":"SeccompProfile","metadata":{"name":"web"},"spec":{"defaultAction":"SCMP_ACT_ERRNO",
            "architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"action":"SCMP_ACT_ALLOW","names":["read"]}]}}
            """#
        #expect(try read(json).resolved(for: context).profile.syscalls == [.init(names: ["read"], action: .allow)])
    }

    @Test("a SeccompProfile as kubectl shows it has texts of blocks, managed fields, numbers as texts and no zeros")
    func cluster() throws {
        let yaml = #"""
            apiVersion: security-profiles-operator.x-k8s.io/v1beta1
            kind: SeccompProfile
            metadata:
              annotations:
                kubectl.kubernetes.io/last-applied-configuration: |
                  {"apiVersion":"security-profiles-operator.x-k8s.io/v1beta1","kind":"SeccompProfile"}
              creationTimestamp: null
              managedFields:
              - apiVersion: security-profiles-operator.x-k8s.io/v1beta1
                fieldsType: FieldsV1
                fieldsV1:
                  f:metadata:
                    f:ownerReferences:
                      .: {}
                      k:{"uid":"0b6f"}: {}
                  f:spec:
                    f:syscalls: {}
              name: web
            spec:
              defaultAction: SCMP_ACT_ERRNO
              architectures:
              - SCMP_ARCH_X86_64
              syscalls:
              - action: SCMP_ACT_ALLOW
                names:
                - read
              - action: SCMP_ACT_ERRNO
                errnoRet: "38"
                names:
                - clone3
              - action: SCMP_ACT_ALLOW
                args:
                - index: 0
                  op: SCMP_CMP_EQ
                - index: 1
                  op: SCMP_CMP_MASKED_EQ
                  value: 1
                names:
                - personality
            status:
              conditions:
              - lastTransitionTime: "2023-05-18T10:00:00Z"
                reason: Available
                status: "True"
                type: Ready
              localhostProfile: operator/default/web.json
              status: Installed
            """#
        let document = try read(yaml)
        #expect(document.form == .securityProfilesOperator && document.flaws.isEmpty, "\(document.flaws)")
        let resolved = document.resolved(for: context)
        #expect(resolved.ignored == [])
        #expect(
            resolved.profile.syscalls == [
                .init(names: ["read"], action: .allow), .init(names: ["clone3"], action: .errno, errnoRet: 38),
                .init(
                    names: ["personality"], action: .allow,
                    args: [.init(index: 0, value: 0, op: .equal), .masked(1, mask: 1, equals: 0)]),
            ])
        // A runtime's own file has to say the value, and a number by a number.
        let plain = try read(
            #"""
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW",
            "args":[{"index":0,"op":"SCMP_CMP_EQ"}]},{"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":"38"}]}
            """#)
        #expect(plain.flaws.count == 2)
    }

    @Test("several profiles in one file, each under its container's name, are refused for what they are")
    func several() throws {
        let error = try #require(throws: SeccompError.self) {
            try read("// web\n" + Self.hook + "\n// cache\n" + Self.hook)
        }
        #expect(error.description.contains("it has several profiles, one below the other; give each a file of its own"))
    }

    @Test(
        "other YAML, other kinds and what is no profile are refused with one line that names the file",
        arguments: [
            "a: &x 1\nb: *x", "kind: SeccompProfile\nspec: |\n  text", "\tkey: 1", "key: 1\n---\nkey: 2", "- a\n- b",
            "kind: Deployment\nspec:\n  defaultAction: SCMP_ACT_ERRNO", "", "\u{0}", "{}", "[]", "[",
            "{\"a\":1,\"a\":2}",
            "kind: SeccompProfile\nmetadata:\n  name: x", "a: 1\na: 2", "a: {b: 1}", "a: \"b", "x: 1\n   y: 2",
        ])
    func refused(_ text: String) throws {
        let error = try #require(throws: SeccompError.self) { try read(text) }
        #expect(error.description.hasPrefix("web.json: cannot read the seccomp profile: "))
        #expect(!error.description.contains("\n"))
    }

    @Test("names of errors, old single names and conditions are understood")
    func engines() throws {
        let document = try read(
            #"""
            {"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"ENOSYS","archMap":[{"architecture":"SCMP_ARCH_X86_64",
            "subArchitectures":["SCMP_ARCH_X86"]},{"architecture":"SCMP_ARCH_S390X"}],"syscalls":[
            {"name":"read","action":"SCMP_ACT_ALLOW"},
            {"names":["mount"],"action":"SCMP_ACT_ERRNO","errno":"EPERM","excludes":{"caps":["CAP_SYS_ADMIN"]}},
            {"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"],"minKernel":"5.4"}},
            {"names":["cacheflush"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["arm64"]}}]}
            """#)
        let plain = document.resolved(for: context)
        #expect(plain.profile.defaultErrnoRet == 38 && plain.profile.architectures == [.x86_64, .x86])
        #expect(
            plain.profile.syscalls == [
                .init(names: ["read"], action: .allow), .init(names: ["mount"], action: .errno, errnoRet: 1),
            ])
        let capabilities: Set<String> = ["CAP_SYS_ADMIN"]
        let later = EngineContext(capabilities: capabilities, architecture: .x86_64, kernel: (5, 4))
        #expect(ProfileVerdicts(document.resolved(for: later).profile).verdict(of: "mount").isOpen)
        let earlier = EngineContext(capabilities: capabilities, architecture: .x86_64, kernel: (5, 3))
        #expect(!ProfileVerdicts(document.resolved(for: earlier).profile).verdict(of: "mount").isOpen)
    }

    @Test("what cannot be meant is left out and said; a rule that has lost a condition does not allow more")
    func leftOut() throws {
        let document = try read(
            #"""
            {"defaultAction":"SCMP_ACT_ERRNO","flags":["FAST"],"architectures":["SCMP_ARCH_VAX","SCMP_ARCH_X86_64"],
            "syscalls":[{"names":["read"],"action":"SCMP_ACT_PERMIT"},{"names":[],"action":"SCMP_ACT_ALLOW"},
            {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2,"op":"SCMP_CMP_IS"}]},
            {"names":["bind"],"action":"SCMP_ACT_ALLOW","args":[{"index":9,"value":2,"op":"SCMP_CMP_EQ"}]},
            {"names":["write"],"action":"SCMP_ACT_ALLOW","errnoRet":5,"colour":1},{"names":["raed"],"action":"SCMP_ACT_ALLOW"}]}
            """#)
        let resolved = document.resolved(for: context)
        #expect(resolved.profile.architectures == [.x86_64] && resolved.profile.flags == nil)
        #expect(resolved.profile.syscalls.map(\.names) == [["write"], ["raed"]])
        for words in [
            "FAST", "SCMP_ARCH_VAX", "SCMP_ACT_PERMIT", "without names", "SCMP_CMP_IS", "good index", "errnoRet",
            "colour",
            "raed",
        ] { #expect(resolved.ignored.contains { $0.contains(words) }, "\(words)") }
    }

    @Test("the plain reader and the lenient one see the same in generated profiles")
    func generated() throws {
        let generated = try SeccompGenerator.generate(SampleProfile.make(workload: SampleProfile.server))
        let document = try SeccompDocument.read(Array(try generated.oci.encoded()), file: "web.json")
        #expect(document.resolved(for: context).profile == generated.oci)
        #expect(document.flaws.isEmpty)
    }

    @Test("a profile cut anywhere, or with any bit flipped, is an error or a document, never a crash")
    func damaged() throws {
        var generator = SeededGenerator(seed: 5)
        let yaml =
            "kind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_ERRNO\n  syscalls:\n  - action: SCMP_ACT_ALLOW\n    names: [read, 'x']\n"
        let rich =
            #"{"defaultAction":"SCMP_ACT_ERRNO","archMap":[{"architecture":"SCMP_ARCH_X86_64"}],"syscalls":[{"names":["read","\u0041\n"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}],"includes":{"caps":["CAP_BPF"],"minKernel":"5.1"}}]}"#
        var readable = 0
        for text in [Self.hook, yaml, rich] {
            let bytes = Array(text.utf8)
            for length in 0..<bytes.count { _ = try? SeccompDocument.read(Array(bytes[..<length]), file: "x") }
            for _ in 0..<3000 {
                var copy = bytes
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let place = Int.random(in: 0..<copy.count, using: &generator)
                    copy[place] = UInt8.random(in: 0...255, using: &generator)
                }
                guard let document = try? SeccompDocument.read(copy, file: "x") else { continue }
                readable += 1
                let resolved = document.resolved(for: context)
                #expect(resolved.ignored.allSatisfy { !$0.contains("\n") })
            }
        }
        #expect(readable > 0)
    }
}
