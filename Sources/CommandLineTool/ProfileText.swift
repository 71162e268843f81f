// SPDX-License-Identifier: Apache-2.0
import Control
import Events
import FoundationEssentials
import Profiles

/// Profiles, and what was decided about them, for people.
enum ProfileText {
    /// The daemon's list.
    static func list(_ profiles: [JSONValue]) -> [String] {
        guard !profiles.isEmpty else {
            return ["no profile yet: the first is there when a container's first epoch ends"]
        }
        var table = TextTable(.left, .left, .right, .right, .right, .right, .left)
        table.add("KEY", "STATE", "EPOCHS", "CALLS", "EXECUTABLES", "HELD", "READINESS")
        for profile in profiles {
            table.add(
                profile.string("key"),
                profile.string("state") + (profile.texts("partial").isEmpty ? "" : " (partial)"),
                "\(profile.count("epochs"))", "\(profile.count("calls"))", "\(profile.count("executables"))",
                "\(profile.texts("held").count)", profile.string("readiness"))
        }
        return table.lines(indent: 0)
    }

    /// What came of a change.
    static func change(_ verb: ProfileCommand.Verb, _ answer: JSONValue) -> [String] {
        let key = answer.string("key")
        let entries = answer.texts("entries").joined(separator: ", ")
        let held = answer.texts("held")
        var lines: [String]
        switch verb {
        case .approve where entries.isEmpty: lines = ["the profile \(key) is compared from now on"]
        case .approve: lines = ["\(entries): part of the profile \(key) from now on"]
        case .hold: lines = ["\(entries): held, and no part of the profile \(key)"]
        case .reject: lines = ["\(entries): taken out of the profile \(key), and not learned again"]
        case .merge: lines = ["the profile \(key) has \(NumberText.counted(answer.count("changes"), "change"))"]
        case .relearn: lines = ["the profile \(key) learns again"]
        case .lock, .unlock:
            lines = ["the profile \(key) is \(answer.flag("isLocked") ? "locked" : "unlocked")"]
        case .import:
            let containers = answer.texts("containers")
            lines = [
                "the profile \(key) is compared from now on"
                    + (containers.isEmpty
                        ? "; no container of that key runs" : ": \(containers.joined(separator: ", "))")
            ]
            if answer.flag("replaced") { lines.append("what was there is kept as .previous beside its file") }
        case .list, .show, .diff, .export: lines = []
        }
        return lines + held.map { "held for review: \($0); to accept it: ringfence profile approve '\(key)' \($0)" }
    }

    /// One profile.
    static func show(_ profile: BehaviourProfile, now: Date) -> [String] {
        head(profile, now: now) + calls(profile) + peers(profile) + executables(profile) + rights(profile)
            + decisions(profile)
    }

    private static func head(_ profile: BehaviourProfile, now: Date) -> [String] {
        let window = profile.window
        var lines = ["profile \(profile.key) (\(profile.architecture.rawValue))"]
        lines.append(
            "  seen from \(window.start.formatted(.iso8601)) to \(window.end.formatted(.iso8601)), "
                + "\(NumberText.counted(window.runs, "epoch")), \(NumberText.counted(window.instances, "instance"))")
        if let image = profile.target.image { lines.append("  image \(image)") }
        lines += profile.target.digests.map { "  digest \($0)" }
        lines += window.partial.map { "  partial: \($0)" }
        guard let learning = profile.learning else { return lines + ["  a recording"] }
        lines.append("  \(learning.state.rawValue)" + (learning.locked ? ", locked" : ""))
        if learning.state != .monitoring {
            let readiness = Readiness(learning, now: now)
            lines.append("  it \(readiness.sentence) (for a share of 5 %)")
            if !readiness.expectation.isEmpty { lines.append("  \(readiness.expectation)") }
        }
        for (what, vouch) in [("forced", learning.forced), ("imported", learning.imported)] {
            guard let vouch else { continue }
            let source = vouch.source.map { " from \($0)" } ?? ""
            lines.append("  \(what)\(source) by \(vouch.author) on \(vouch.date.formatted(.iso8601)): \(vouch.reason)")
        }
        lines += learning.provisional.map { "  provisional for the image \($0)" }
        return lines
    }

    private static func calls(_ profile: BehaviourProfile) -> [String] {
        var lines: [String] = []
        let groups =
            profile.calls.sorted { $0.key < $1.key } + (profile.ioUring.isEmpty ? [] : [("io_uring", profile.ioUring)])
        for (abi, calls) in groups {
            lines += ["", "\(NumberText.counted(calls.count, "call")) (\(abi))"]
            var table = TextTable(.left, .left, .left)
            for (name, evidence) in calls.sorted(by: { $0.key < $1.key }) {
                let phases = evidence.phases.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.runs)" }
                table.add(
                    name, phases.joined(separator: ", "), evidence.held.map { "held for review: \($0)" } ?? "")
            }
            lines += table.lines().map(trimmed)
        }
        return lines
    }

    private static func peers(_ profile: BehaviourProfile) -> [String] {
        guard let peers = profile.peers else { return ["", "network peers were not watched"] }
        var table = TextTable(.left, .left, .left)
        for (name, evidence) in peers.sorted(by: { $0.key < $1.key }) {
            let phases = evidence.phases.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.runs)" }
            table.add(
                name, phases.joined(separator: ", "), evidence.held.map { "held for review: \($0)" } ?? "")
        }
        return ["", NumberText.counted(peers.count, "network peer")] + table.lines().map(trimmed)
    }

    private static func executables(_ profile: BehaviourProfile) -> [String] {
        var lines = ["", NumberText.counted(profile.executables.count, "executable")]
        var table = TextTable(.left, .left, .left, .left)
        for (path, evidence) in profile.executables.sorted(by: { $0.key < $1.key }) {
            let parents = (evidence.parents ?? [:]).keys.sorted()
            let more = parents.count > 4 ? " and \(parents.count - 4) more" : ""
            table.add(
                path, evidence.phases.joined(separator: ", ") + " \(evidence.runs)",
                (evidence.origins ?? []).joined(separator: ", "),
                parents.isEmpty ? "" : "executed by \(parents.prefix(4).joined(separator: ", "))\(more)")
        }
        lines += table.lines().map(trimmed)
        let probes = profile.knownProbes
        if !probes.isEmpty { lines += ["", "probes"] + probes.map { "  \($0.name)" } }
        return lines
    }

    private static func rights(_ profile: BehaviourProfile) -> [String] {
        guard let credentials = profile.credentials else { return ["", "users and capabilities were not watched"] }
        var table = TextTable(.left, .left, .left)
        for (name, evidence) in credentials.sorted(by: { $0.key < $1.key }) {
            let phases = evidence.phases.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.runs)" }
            let isUsed = profile.capabilitiesUsed.map { used in
                name.hasPrefix("capability/") && used[String(name.dropFirst("capability/".count))] != nil
            }
            table.add(
                name, phases.joined(separator: ", "),
                evidence.held.map { "held for review: \($0)" } ?? (isUsed == true ? "used" : ""))
        }
        return ["", "users and capabilities: \(credentials.count)"]
            + table.lines().map(trimmed)
    }

    private static func decisions(_ profile: BehaviourProfile) -> [String] {
        guard !profile.decisions.isEmpty else { return [] }
        return ["", "decisions"]
            + profile.decisions.map {
                "  \($0.date.formatted(.iso8601)) \($0.author): \($0.verdict.rawValue) \($0.entry): \($0.reason)"
            }
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
