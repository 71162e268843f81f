// SPDX-License-Identifier: Apache-2.0
import Alerts
import Platform
import Testing

@Suite("Alerts of containers themselves")
struct ContainerAlertTests {
    private func finding(_ container: AlertContainer, key: String = "rf-x 'y") -> Finding {
        Finding(
            rule: .unexpectedContainer, item: FindingItem(.container, key), time: at(0), container: container,
            detail: "the container web runs, and nobody has approved it")
    }

    private func weak(_ posture: [String]?) -> AlertContainer {
        AlertContainer(id: "a1", name: "web", image: "nginx", engine: "docker", posture: posture)
    }

    @Test("one that nobody has approved is told once, with its posture, and how to approve of it")
    func unexpected() throws {
        var book = IncidentBook(host: host)
        let alert = try #require(book.add(finding(weak(["privileged", "engine socket mounted"])), now: at(0)).first)
        #expect(book.add(finding(weak(["privileged"])), now: at(1)).isEmpty)
        #expect(alert.severity == .warning && alert.rule == .unexpectedContainer && alert.technique?.id == "T1610")
        #expect(!alert.rule.isAllowable && alert.next == ["ringfence explain \(alert.id)"])
        let line = String(decoding: try alert.line(), as: UTF8.self)
        #expect(line.contains(#""posture":["privileged","engine socket mounted"]"#))
        #expect(line.contains(#""kind":"container","name":"rf-x 'y""#))
        #expect(Alert(line: Array(line.utf8)) == alert)
        let story = ExplainRendering(color: false).text(alert)
        #expect(story.contains("  Posture     privileged, engine socket mounted\n"))
        #expect(story.contains(#"ringfence containers --approve 'rf-x '\''y' --reason ..."#), "\(story)")
        #expect(book.add(finding(AlertContainer(id: "b2", name: "web")), now: at(2)).count == 1)
    }

    @Test("a posture that was not looked at is left out, one without a flaw is said to be so")
    func absent() throws {
        var book = IncidentBook(host: host)
        let none = try #require(book.add(finding(weak(nil)), now: at(0)).first)
        #expect(!String(decoding: try none.line(), as: UTF8.self).contains("posture"))
        #expect(!ExplainRendering(color: false).text(none).contains("Posture"))
        let clean = try #require(book.add(finding(weak([]), key: "k"), now: at(0)).first)
        #expect(ExplainRendering(color: false).text(clean).contains("  Posture     nothing grave\n"))
    }

    @Test("a posture has its bounds, and no control characters")
    func bounds() throws {
        let container = weak((0..<100).map { "\($0)\u{1B}\n" + String(repeating: "x", count: 5000) })
        #expect(container.posture?.count == 12)
        #expect(container.posture?.allSatisfy { $0.utf8.count <= 256 && HostileText.isEscaped($0) } == true)
    }
}
