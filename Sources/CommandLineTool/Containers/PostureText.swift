// SPDX-License-Identifier: Apache-2.0
import Containers
import Control
import FoundationEssentials

/// The posture of a container for people.
enum PostureText {
    /// Of one container, as the daemon answers.
    static func lines(_ container: JSONValue) -> [String] {
        var head = TextTable(.left, .left)
        for (name, member) in [
            ("engine", "engine"), ("image", "image"), ("workload", "workload"), ("profile", "key"), ("state", "state"),
            ("started", "started"), ("readiness", "readiness"),
        ] where !container.string(member).isEmpty { head.add(name, container.string(member)) }
        if let isApproved = container["isApproved"]?.bool { head.add("approved", isApproved ? "yes" : "no") }
        let title =
            container.string("name")
            + (container.string("id") == container.string("name") ? "" : " (\(container.string("id")))")
        guard let value = container["report"],
            let report = try? JSONDecoder().decode(PostureReport.self, from: Data(value.bytes))
        else { return [title] + head.lines() + ["  its posture is not known"] }
        return [title] + head.lines() + ["", "given to it" + source(report.source)] + facts(report)
            + report.notes.map { "  note: \($0)" } + ["", "risk \(report.risk.score) of 100"] + parts(report.risk)
            + (container.string("state").isEmpty
                ? ["  not counted: calls that were learned, for no daemon was asked"] : [])
    }

    private static func source(_ source: Posture.Source) -> String {
        switch source {
        case .configuration: ", by its OCI configuration"
        case .process: ", as far as its first process shows it"
        case .nothing: ""
        }
    }

    private static func facts(_ report: PostureReport) -> [String] {
        var table = TextTable(.left, .left)
        for fact in report.facts {
            table.add(fact.question.rawValue, fact.answer)
            if fact.question == .capabilities { table.add("  never used", unused(report)) }
        }
        return table.lines()
    }

    private static func unused(_ report: PostureReport) -> String {
        guard let unused = report.capabilitiesUnused else { return "not known: \(report.capabilitiesNote ?? "")" }
        return unused.isEmpty ? "none: each was used" : unused.joined(separator: " ")
    }

    private static func parts(_ risk: RiskScore) -> [String] {
        var table = TextTable(.right, .left, .left)
        for part in risk.parts { table.add("\(part.points)", part.what, part.meaning) }
        let sum = risk.parts.reduce(0) { $0 + $1.points }
        return table.lines() + (sum > risk.score ? ["  (\(sum) in all; a score is \(risk.score) at most)"] : [])
    }
}
