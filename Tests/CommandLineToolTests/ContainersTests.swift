// SPDX-License-Identifier: Apache-2.0
import Containers
import Control
import Events
import FoundationEssentials
import Testing

@testable import CommandLineTool

@Suite("ringfence containers")
struct ContainersTests {
    private func value(_ json: String) throws -> JSONValue { try JSONValue(parsing: Array(json.utf8)) }

    private func web(_ change: (inout Posture) -> Void = { _ in }) -> JSONValue {
        var container = ContainerDescription(id: "4764d5fba9ef", name: "web", engine: .docker)
        container.image = "nginx"
        container.created = "2026-11-21T08:00:00Z"
        var posture = Posture(source: .configuration)
        posture.isPrivileged = true
        posture.capabilities = CapabilitySet(names: ["CAP_NET_RAW"])
        change(&posture)
        return ContainerSource.json(container, posture, isWhole: true)
    }

    @Test("an explanation has every answer, what is not known, and the parts of the score")
    func explain() {
        let lines = PostureText.lines(web())
        let text = lines.joined(separator: "\n")
        for words in [
            "web (4764d5fba9ef)", "  image    nginx", "given to it, by its OCI configuration",
            "  privileged              yes",
            "  capabilities            CAP_NET_RAW", "    never used            not known: use is not recorded",
            "  seccomp                 not known", "risk 79 of 100",
            "  40  privileged                         the engine took",
            "   3  granted CAP_NET_RAW                forges packets", "   3  not known: seccomp",
            "not counted: calls that were learned",
        ] { #expect(text.contains(words), "\(words) in\n\(text)") }
        #expect(lines.allSatisfy { !$0.contains("\n") })
        #expect(PostureText.lines(.null).last == "  its posture is not known")
    }

    @Test("the list shows the risk, with a mark where something is not known")
    func list() {
        let lines = ContainerText.lines([web(), .object(["name": "db", "risk": 7])])
        #expect(lines[0].contains("RISK  STARTED") && lines[1].contains("  79?  2026-11-21T08:00:00  "))
        #expect(lines[2].contains("     7  -  "))
    }

    @Test("the inventory shows what is approved and what runs without")
    func inventory() throws {
        #expect(InventoryTask.lines(.null).first?.contains("nobody keeps an inventory") == true)
        let lines = InventoryTask.lines(
            try value(
                #"{"isKept":true,"approved":[{"key":"a","author":"ann","date":"D","reason":"R","running":2}],"unexpected":["x y"]}"#
            ))
        #expect(
            lines == [
                "KEY  RUNNING  APPROVED BY  REASON", "a    2        ann D        R", "runs, and is not approved: x y",
            ])
    }

    @Test(
        "what does not go together is said, before anybody is asked",
        arguments: [
            ["--explain"], ["--explain", "a", "b"], ["--approve", "--inventory"], ["--max-risk", "101"],
            ["--max-risk", "x"], ["--max-risk", "-1"], ["--approve", "--max-risk", "3"], ["--all"], ["--disapprove"],
            ["--disapprove", "a", "--all"], ["--reason", "x"], ["a", "b"], ["--inventory", "a"], ["--", "x"],
        ])
    func misuse(words: [String]) throws {
        let failure = #expect(throws: CommandFailure.self) {
            try ContainersCommand.run(words + (words.first == "--" ? [] : ["--socket", "/nowhere"]))
        }
        #expect(failure?.exitCode == 64)
    }
}
