// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles

/// What a recording brought, as lines for a person.
struct RecordSummary {
    private let profile: BehaviourProfile
    private let terminal: Terminal

    init(_ profile: BehaviourProfile, on terminal: Terminal) {
        self.profile = profile
        self.terminal = terminal
    }

    /// The whole summary; `additions` says what is new against the profile that it was merged into.
    func lines(additions: ProfileAdditions?) -> [String] {
        header + calls + ioUring + network + held + denied + arguments + losses + news(additions)
    }

    private var header: [String] {
        let window = profile.window
        let seconds = window.end.timeIntervalSince1970 - window.start.timeIntervalSince1970
        let runs = window.runs == 1 ? "" : ", \(NumberText.counted(window.runs, "run"))"
        let image = profile.target.image.map { ", image \($0)" } ?? ""
        return [
            terminal.styled("recorded \(profile.target.name)", .bold)
                + " (\(profile.key)\(image)): within \(Int(seconds)) s\(runs), "
                + NumberText.counted(window.instances, "start")
        ]
    }

    private var calls: [String] {
        var lines: [String] = []
        for phase in Phase.allCases {
            for (abi, named) in profile.calls.sorted(by: { $0.key < $1.key }) {
                let used = named.filter { $0.value.phases[phase.name] != nil }
                guard !used.isEmpty else { continue }
                lines.append("\(phase.name), \(abi): \(NumberText.counted(used.count, "call"))")
                lines += phase == .workload || phase == .sessionWorkload ? table(used, phase) : names(used)
            }
        }
        return lines
    }

    private func table(_ used: [String: CallEvidence], _ phase: Phase) -> [String] {
        var table = TextTable(.left, .right, .left)
        for (name, evidence) in used.sorted(by: { $0.key < $1.key }) {
            let executables = evidence.phases[phase.name]?.executables ?? [:]
            let total = executables.values.reduce(0, &+)
            table.add(name, profile.window.counted ? NumberText.grouped(total) : "", Self.named(executables))
        }
        return table.lines()
    }

    /// The runtime's own calls, which nobody reads one by one.
    private func names(_ used: [String: CallEvidence]) -> [String] {
        var lines = [" "]
        for name in used.keys.sorted() {
            if (lines.last ?? "").count + name.count > 110 { lines.append(" ") }
            lines[lines.count - 1] += " " + name
        }
        return lines
    }

    /// The executables, most calls first, a few of them.
    private static func named(_ executables: [String: UInt64]) -> String {
        let sorted = executables.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        let shown = sorted.prefix(3).joined(separator: ", ")
        return sorted.count > 3 ? "\(shown) and \(sorted.count - 3) more" : shown
    }

    private var ioUring: [String] {
        profile.ioUring.isEmpty
            ? [] : ["io_uring operations: " + profile.ioUring.keys.sorted().joined(separator: ", ")]
    }

    /// Whom it talked to, one line; nothing where that was not watched.
    private var network: [String] {
        guard let peers = profile.peers else { return [] }
        func label(_ name: PeerName) -> String {
            let isOwn = peers[name.text]?.phases[Phase.workload.name] != nil
            return name.text.dropFirst(name.kindText.count + 1) + (isOwn ? "" : " (session)")
        }
        let names = peers.keys.compactMap { PeerName($0) }.sorted { $0.text < $1.text }
        let kinds: [(PeerSnapshot.Kind, String)] = [
            (.connect, "connects to"), (.send, "sends to"), (.listen, "listens at"), (.unix, "unix sockets"),
        ]
        let parts = kinds.compactMap { kind, words -> String? in
            let own = names.filter { $0.kind == kind }.map(label)
            guard !own.isEmpty else { return nil }
            let more = own.count > Self.shownPeers ? " and \(own.count - Self.shownPeers) more" : ""
            return "\(words) \(own.prefix(Self.shownPeers).joined(separator: ", "))\(more)"
        }
        return ["network: " + (parts.isEmpty ? "talks to nobody" : parts.joined(separator: "; "))]
    }
    private static let shownPeers = 6

    private var held: [String] { heldCalls + heldPeers }

    private var heldPeers: [String] {
        (profile.peers ?? [:]).sorted { $0.key < $1.key }.compactMap { name, evidence in
            guard let reason = evidence.held else { return nil }
            let who = Self.named(
                evidence.phases.values.reduce(into: [:]) { $0.merge($1.executables, uniquingKeysWith: &+) })
            return terminal.styled("held for review: \(name) by \(who)", .red) + ": \(reason)"
        }
    }

    private var heldCalls: [String] {
        profile.calls.sorted { $0.key < $1.key }.flatMap { abi, named in
            named.sorted { $0.key < $1.key }.compactMap { name, evidence in
                guard let reason = evidence.held else { return nil }
                let who = Self.named(
                    evidence.phases.values.reduce(into: [:]) { $0.merge($1.executables, uniquingKeysWith: &+) })
                return terminal.styled("held for review: \(name) (\(abi)) by \(who)", .red) + ": \(reason)"
            }
        }
    }

    private var denied: [String] {
        profile.denied.sorted { $0.key < $1.key }.flatMap { abi, named in
            named.sorted { $0.key < $1.key }.map { name, evidence in
                let errnos = evidence.errnos.map { ErrnoName.name(Int($0)) }.joined(separator: ", ")
                return terminal.styled("denied by a seccomp filter: \(name) (\(abi))", .yellow)
                    + " with \(errnos), tried by \(Self.named(evidence.executables))"
            }
        }
    }

    private var arguments: [String] {
        profile.arguments.sorted { $0.key < $1.key }.compactMap { name, evidence in
            let workload = [Phase.workload, .sessionWorkload].flatMap { evidence.values[$0.name] ?? [] }
            let values = Set(workload).sorted()
            guard !values.isEmpty else { return nil }
            let text =
                name == "socket.family"
                ? values.map { SocketFamily.name(Int($0)) }.joined(separator: ", ")
                : values.map { CloneFlags.names(UInt64($0)).joined(separator: "|") }.joined(separator: ", ")
            return "\(name): \(text)" + (evidence.overflowed ? ", and others that could not be kept" : "")
        }
    }

    private var losses: [String] {
        let events = profile.window.events
        let story =
            events.dropped + events.suppressed == 0
            ? ""
            : " (of \(NumberText.grouped(events.produced)) event records, which only tell when, "
                + "\(NumberText.grouped(events.suppressed)) were held back and \(NumberText.grouped(events.dropped)) dropped)"
        guard !profile.window.partial.isEmpty else { return ["lost: nothing\(story)"] }
        return profile.window.partial.map { terminal.styled("partial: ", .yellow) + $0 }
            + (story.isEmpty ? [] : ["no fact was lost by events\(story)"])
    }

    private func news(_ additions: ProfileAdditions?) -> [String] {
        guard let additions else { return [] }
        guard !additions.isEmpty else { return ["new against the merged profile: nothing"] }
        return ["new against the merged profile:"] + additions.lines.map { "  " + $0 }
    }
}
