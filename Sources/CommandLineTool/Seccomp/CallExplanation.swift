// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Profiles
import Seccomp

/// Calls of an operand, told to people and scripts.
struct CallExplanation {
    private let operand: SeccompOperand
    private let evidence: GeneratedProfile.Evidence?
    private let verdicts: ProfileVerdicts

    init(_ operand: SeccompOperand, evidence: GeneratedProfile.Evidence?) {
        self.operand = operand
        self.evidence = evidence
        verdicts = ProfileVerdicts(operand.profile)
    }

    /// What is let through, sorted; the graver ones that are refused too, if asked for.
    func calls(withRefused: Bool) -> [String] {
        var calls = verdicts.open
        if case .behaviour(let behaviour) = operand.kind { calls = Set(behaviour.calls.values.flatMap(\.keys)) }
        if withRefused { calls.formUnion(verdicts.names.filter { NeverAllow.tier(of: $0) != nil }) }
        return calls.sorted()
    }

    /// Whether the profile lets a call through, or knows of it.
    func contains(_ call: String) -> Bool {
        if case .behaviour(let behaviour) = operand.kind { return behaviour.calls.values.contains { $0[call] != nil } }
        return verdicts.verdict(of: call).isOpen
    }

    func story(_ call: String) -> CallStory {
        if case .behaviour(let behaviour) = operand.kind { return CallStory(call, in: behaviour) }
        return evidence.map { CallStory(call, in: $0) } ?? CallStory(call)
    }

    /// A line for each call.
    func overview(_ calls: [String]) -> [String] {
        var table = TextTable(.left, .left, .left, .right, .left)
        table.add("CALL", "TIER", "ANSWER", "RUNS", "WHY AND WHO")
        for call in calls {
            let story = story(call)
            let why = story.sources.joined(separator: ", ")
            let who = story.executables.isEmpty ? "" : ExecutableText.list(story.executables, limit: 2)
            table.add(
                call, story.tier.map { String($0.rawValue) } ?? "-", answer(call),
                story.isSeen ? String(story.runs) : "-",
                [why, who].filter { !$0.isEmpty }.joined(separator: "; "))
        }
        return table.lines(indent: 0)
    }

    /// In one word; conditions are for the story.
    private func answer(_ call: String) -> String {
        if case .behaviour = operand.kind { return "seen" }
        let verdict = verdicts.verdict(of: call)
        return verdict.isOpen && !verdict.isFullyOpen ? "conditional" : verdict.description
    }

    /// Everything about one.
    func lines(_ story: CallStory) -> [String] {
        let call = story.call
        var lines: [String] = []
        switch operand.kind {
        case .seccomp: lines.append("\(call) in \(operand.name): \(verdicts.verdict(of: call))")
        case .behaviour: lines.append("\(call) in \(operand.name): \(contains(call) ? "seen" : "not seen")")
        }
        if let tier = story.tier { lines.append("tier \(tier.rawValue): \(story.reason ?? "")") }
        if let held = story.held { lines.append("held for review: \(held)") }
        if !story.sources.isEmpty { lines.append("why: \(story.sources.joined(separator: ", "))") }
        if story.isSeen {
            lines.append("phases: \(story.phases.joined(separator: ", ")) (\(story.abis.joined(separator: ", ")))")
            lines.append("who: \(ExecutableText.list(story.executables, limit: 16))")
            lines.append("seen in \(runs(story)), \(time(story.first)) to \(time(story.last))")
        } else if case .seccomp = operand.kind, evidence == nil {
            lines.append("nothing is known of who makes it: no evidence is beside the profile")
        } else {
            lines.append("nobody was seen to make it")
        }
        if let dropped = dropped(story) { lines.append(dropped) }
        lines += story.cves.map { entry in
            "\(entry.cve): \(entry.flaw)" + (entry.item == call ? "" : " (through \(entry.item))")
        }
        return lines
    }

    private func runs(_ story: CallStory) -> String {
        let all: Int? =
            switch operand.kind {
            case .behaviour(let behaviour): behaviour.learning == nil ? behaviour.window.runs : nil
            case .seccomp: evidence?.runs
            }
        guard let all, all >= story.runs else { return NumberText.counted(story.runs, "epoch") }
        return "\(story.runs) of \(NumberText.counted(all, "run"))"
    }

    private func time(_ date: Date?) -> String { date.map { $0.formatted(.iso8601) } ?? "?" }

    /// What leaving it out would do; nil where nothing is known of who makes it.
    private func dropped(_ story: CallStory) -> String? {
        if let fallbacks = story.fallbacks {
            guard !fallbacks.isEmpty else { return "without it: answered with ENOSYS, programs do without" }
            return "without it: answered with ENOSYS, programs use \(fallbacks.joined(separator: ", "))"
        }
        if AlwaysAllowed.calls.contains(story.call) {
            return "without it: programs fail at moments that no test shows; every profile allows it"
        }
        guard story.isSeen else {
            if case .seccomp = operand.kind, evidence == nil { return nil }
            return "without it: nothing that was seen changes"
        }
        return "without it: it fails for \(ExecutableText.list(story.executables.mapValues { _ in 0 }, limit: 8))"
    }

    func json(_ calls: [String]) -> JSONValue {
        [
            "schema": "ringfence.seccomp-explain/v1", "profile": .string(operand.name),
            "calls": .array(calls.map { json(story($0)) }),
        ]
    }

    func json(_ story: CallStory) -> JSONValue {
        let answer: JSONValue =
            if case .behaviour = operand.kind { .null } else { .string(verdicts.verdict(of: story.call).description) }
        return [
            "call": .string(story.call), "tier": .integer(Int64(story.tier?.rawValue ?? 3)),
            "reason": story.reason.map { .string($0) } ?? .null, "answer": answer,
            "sources": .array(story.sources.map { .string($0) }), "abis": .array(story.abis.map { .string($0) }),
            "phases": .array(story.phases.map { .string($0) }), "executables": ExecutableText.json(story.executables),
            "runs": .integer(Int64(story.runs)), "first": story.first.map { .string($0.formatted(.iso8601)) } ?? .null,
            "last": story.last.map { .string($0.formatted(.iso8601)) } ?? .null,
            "held": story.held.map { .string($0) } ?? .null,
            "fallbacks": .array((story.fallbacks ?? []).map { .string($0) }),
            "cves": .array(
                story.cves.map { ["cve": .string($0.cve), "item": .string($0.item), "flaw": .string($0.flaw)] }),
        ]
    }
}
