// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Platform
import Profiles
import Seccomp
import TestSupport
import Testing

/// Every reader of files of other people, on files that were cut, spliced and bent. `.ci/fuzz` runs it for a time of its own.
@Suite("Bent files")
struct ImporterFuzzTests {
    /// How long: a number of inputs, or as many seconds as RINGFENCE_FUZZ_SECONDS says.
    private static let inputs = 1500
    private static let seconds = ProcessInfo.processInfo.environment["RINGFENCE_FUZZ_SECONDS"].flatMap(Double.init)
    private static let seed =
        ProcessInfo.processInfo.environment["RINGFENCE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_261_121

    /// What the bent files begin as: one of each make.
    private static func corpus() throws -> [[UInt8]] {
        let generated = try SeccompGenerator.generate(
            SampleProfile.make(workload: ["read", "socket"]), options: GeneratorOptions(runtimeNeeds: .omit))
        var small = generated.oci
        for index in small.syscalls.indices {
            small.syscalls[index].names = Array(small.syscalls[index].names.prefix(4))
        }
        let podman = try FileBytes.read(Repository.path + "/profiles/engines/podman-default.json", limit: 1 << 20)
        let texts = [
            #"{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[],"comment":"","includes":{},"excludes":{}}]}"#,
            "// ns/pod/web\n{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]}\n",
            #"{"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"ENOSYS","archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}],"flags":["SECCOMP_FILTER_FLAG_LOG"],"syscalls":[{"name":"\u0072ead","action":"SCMP_ACT_ERRNO","errno":"EPERM","errnoRet":1,"args":[{"index":0,"value":18446744073709551615,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"},{"index":0,"value":2,"op":"SCMP_CMP_GE"}],"excludes":{"caps":["CAP_BPF"],"arches":["arm64"],"minKernel":"5.1"}}]}"#,
            """
            ---
            apiVersion: security-profiles-operator.x-k8s.io/v1beta1
            kind: SeccompProfile
            metadata:
              name: "web"   # a comment
            spec:
              defaultAction: SCMP_ACT_ERRNO
              architectures: [SCMP_ARCH_X86_64]
              syscalls:
              - action: SCMP_ACT_ALLOW
                names:
                - read
                - 'write'
                args:
                  - index: 0
                    value: 4294967295
                    op: SCMP_CMP_EQ
            """,
        ]
        return texts.map { Array($0.utf8) } + [
            Array(try small.encoded()), podman,
            try ProfileStore.encode(SampleProfile.make(workload: ["read", "mount"])),
        ]
    }

    private static let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "-1", "1e999", "0x1", "\n",
        "- ", "  ",
        "\t", "# ", "---\n", "&a ", "18446744073709551616", "\u{202e}", "\u{0}", "syscalls", "names", "includes",
        "SCMP_ACT_KILL",
        "SCMP_CMP_LT", "spec:\n", "'", "%", "runs", "phases",
    ].map { Array($0.utf8) }

    private static func bent(_ corpus: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
        func below(_ limit: Int) -> Int { limit < 1 ? 0 : Int.random(in: 0..<limit, using: &random) }
        var text = corpus[below(corpus.count)]
        for _ in 0...below(6) {
            let place = below(text.count)
            let end = min(text.count, place + 1 + below(24))
            switch below(7) {
            case 0 where !text.isEmpty: text[place] = UInt8.random(in: 0...255, using: &random)
            case 1 where !text.isEmpty: text.removeSubrange(place..<end)
            case 2: text.insert(contentsOf: tokens[below(tokens.count)], at: place)
            case 3 where !text.isEmpty: text.insert(contentsOf: Array(text[place..<end]), at: below(text.count))
            case 4 where !text.isEmpty: text.removeSubrange(place...)
            case 5:
                let other = corpus[below(corpus.count)]
                text = Array(text[..<place] + other[below(other.count)...])
            default:
                text.insert(contentsOf: repeatElement(UInt8(ascii: "["), count: below(200)), at: place)
            }
        }
        return text
    }

    @Test("no file crashes a reader or what works with what was read, and every refusal is one line")
    func bent() throws {
        let corpus = try Self.corpus()
        let workspace = try Workspace()
        var random = SeededGenerator(seed: Self.seed)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.seconds ?? 0)
        let context = EngineContext(capabilities: ["CAP_BPF"], architecture: .x86_64, kernel: (6, 1))
        let plain = OCISeccompProfile(defaultAction: .errno, architectures: [.x86_64])
        let behaviour = SampleProfile.make(workload: ["read", "socket"])
        var (made, read) = (0, 0)
        while Self.seconds == nil ? made < Self.inputs : clock.now < end {
            made += 1
            let input = Self.bent(corpus, &random)
            // What is left there after a crash is its cause.
            if Self.seconds != nil { try workspace.write(input, to: "input") }
            func oneLine(_ text: String) { #expect(!text.contains("\n") && !text.isEmpty, "\(text)") }
            do throws(ProfileError) { _ = try ProfileStore.decode(input, from: "x") } catch {
                oneLine(error.description)
            }
            do throws(SeccompError) {
                let reading = try OCISeccompProfile.read(input, file: "x")
                reading.warnings.forEach(oneLine)
            } catch { oneLine(error.description) }
            do throws(SeccompError) {
                let document = try SeccompDocument.read(input, file: "x")
                read += 1
                let resolved = document.resolved(for: context)
                resolved.ignored.forEach(oneLine)
                let difference = ProfileComparison(from: plain, to: resolved.profile, machine: .x86_64)
                let mirrored = ProfileComparison(from: resolved.profile, to: plain, machine: .x86_64)
                #expect(difference.entries(.added).map(\.call) == mirrored.entries(.removed).map(\.call))
                _ = Simulation(resolved.profile, against: behaviour)
                guard read % 50 == 0 else { continue }
                for finding in ProfileLint.findings(document, for: context) { oneLine(finding.message) }
            } catch { oneLine(error.description) }
        }
        #expect(made > 0 && read * 20 > made, "\(read) of \(made) could be read")
    }
}
