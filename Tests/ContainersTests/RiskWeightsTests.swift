// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import TestSupport
import Testing

@testable import Containers

@Suite("Risk weights")
struct RiskWeightsTests {
    private func flaw(_ text: String) -> String? {
        do throws(RiskWeightsError) {
            _ = try RiskWeights(parsing: Array(text.utf8), file: "w.conf")
            return nil
        } catch { return error.description }
    }

    @Test("the file of the sources is what the program carries inside")
    func standard() throws {
        let file = Repository.path + "/profiles/risk-weights.conf"
        #expect(try RiskWeights(readingFile: file) == .standard)
        #expect(RiskWeights.standard.count > 70 && RiskWeights.standard["privileged"]?.points == 40)
        #expect(RiskWeights.standard["mount:/root/"]?.meaning.hasPrefix("root's keys") == true)
    }

    @Test(
        "every flaw is told with file and line, the cause and the remedy",
        arguments: [
            ("x privileged  y", "w.conf:1: \"x\" is no number of points; write a whole number from 0 to 100"),
            ("\n# c\n101 privileged", "w.conf:3: \"101\" is no number of points; write a whole number from 0 to 100"),
            ("-1 privileged", "w.conf:1: \"-1\" is no number of points; write a whole number from 0 to 100"),
            ("5", "w.conf:1: \"5\" is not `points item meaning`; begin a comment with #"),
            ("5 device\n6 device", "w.conf:2: \"device\" is in line 1 already; remove one of the two"),
            (
                "5 host-namespace:net",
                "w.conf:1: \"host-namespace:net\" is no item; a kind is pid, network, ipc, uts, cgroup"
            ),
            (
                "5 capability:SYS_ADMIN",
                "w.conf:1: \"capability:SYS_ADMIN\" is no item; write a capability as capabilities(7) does, as CAP_SYS_ADMIN"
            ),
            (
                "5 capability:ALL",
                "w.conf:1: \"capability:ALL\" is no item; write a capability as capabilities(7) does, as CAP_SYS_ADMIN"
            ),
            (
                "5 mount:/var/run/x",
                "w.conf:1: \"mount:/var/run/x\" is no item; write an absolute path without . and .., with /run for /var/run"
            ),
            (
                "5 mount:etc",
                "w.conf:1: \"mount:etc\" is no item; write an absolute path without . and .., with /run for /var/run"
            ),
            ("5 kind:x", "w.conf:1: \"kind:x\" is no item; write host-namespace:KIND, capability:NAME or mount:PATH"),
        ])
    func flaws(text: String, message: String) { #expect(flaw(text) == message) }

    @Test("what is no text, no item and no file is told as well")
    func others() {
        #expect(
            flaw("5 privilegd")?.hasPrefix("w.conf:1: \"privilegd\" is no item; items are all-devices, device,") == true
        )
        #expect(flaw("5 device a\u{0}b") == "w.conf:1: the line is not UTF-8 text; write it anew")
        let missing = #expect(throws: RiskWeightsError.self) { try RiskWeights(readingFile: "/nowhere/w.conf") }
        #expect(missing?.line == 0 && missing?.description.hasPrefix("/nowhere/w.conf: cannot read it: ") == true)
    }

    @Test("own weights count as they say, what they leave out counts nothing, and the sum ends at 100")
    func own() throws {
        let weights = try RiskWeights(
            parsing: Array(" 7  no-seccomp\thostile \u{1B} text\r\n60 tier-0-call x\n3 mount:/etc x\n0 unknown\n".utf8),
            file: "w")
        var posture = Posture(source: .configuration)
        posture.hasSeccomp = false
        posture.isPrivileged = true
        posture.mounts = [.init(source: "/etc", destination: "/e", isReadOnly: true)]
        let risk = RiskScore(posture, weights: weights)
        #expect(risk.score == 9 && risk.parts.prefix(2).map(\.points) == [7, 2])
        #expect(risk.parts.first?.meaning == "hostile \\u{001b} text" && risk.parts.last?.item == "unknown")
        let calls = RiskScore(
            posture,
            calls: [.init(name: "ptrace", tier: 0), .init(name: "bpf", tier: 0), .init(name: "splice", tier: 2)],
            weights: weights)
        #expect(
            calls.score == 100
                && calls.parts.prefix(2).map(\.what) == ["the learned call ptrace", "the learned call bpf"])
    }
}
