// SPDX-License-Identifier: Apache-2.0
import Events
package import FoundationEssentials

extension BehaviourProfile {
    /// The most entries that `evidence` speaks of.
    private static let evidenceLimit = 16

    /// How long it was learned, in seconds. Epochs are counted in running time: a wall clock that was set on the way makes a
    /// window long, and nothing more known.
    package var learnedSeconds: Int64 {
        let span = Int64(max(0, window.end.timeIntervalSince(window.start)))
        guard let learning, learning.epochs > 0 else { return span }
        let (counted, isTooMuch) = Int64(learning.epochs).multipliedReportingOverflow(by: Int64(learning.epochSeconds))
        return isTooMuch ? span : min(span, counted)
    }

    /// What the profile knows about entries, a line each for people, and how well it knows anything.
    ///
    /// - Parameters:
    ///   - entries: by their `ProfileEntry` names.
    ///   - share: what the readiness is measured by.
    package func evidence(of entries: [String], allows: AllowLayer, share: Double, now: Date) -> [String] {
        var lines = [standing(share: share, now: now)]
        let size = calls.values.reduce(0) { $0 + $1.count }
        let known = peers.map { "\($0.count) network peers" } ?? "no network peers, which were not watched,"
        lines.append(
            "It holds \(size) calls, \(ioUring.count) io_uring operations, \(known) and \(executables.count) executables."
        )
        for entry in entries.prefix(Self.evidenceLimit) { lines += evidence(of: entry, allows: allows, now: now) }
        if entries.count > Self.evidenceLimit {
            lines.append("and \(entries.count - Self.evidenceLimit) entries that are not explained here")
        }
        return lines
    }

    private func standing(share: Double, now: Date) -> String {
        let span = "seen from \(window.start.formatted(.iso8601)) to \(window.end.formatted(.iso8601))"
        guard let learning else { return "The profile \(key) is a recording, \(span)." }
        let readiness = Readiness(learning, share: share, now: now)
        let expectation = readiness.expectation
        return
            "The profile \(key) is \(learning.state.rawValue), \(span) over \(learning.instances) instance\(learning.instances == 1 ? "" : "s"); it "
            + readiness.sentence + (expectation.isEmpty ? "" : " (\(expectation))") + "."
    }

    private func evidence(of entry: String, allows: AllowLayer, now: Date) -> [String] {
        var lines = ["\(entry): " + (seen(entry) ?? "not in the profile")]
        for decision in decisions.filter({ $0.entry == entry }).suffix(3) {
            let verb =
                switch decision.verdict {
                case .accept: "accepted"
                case .remove: "rejected"
                case .hold: "held"
                }
            lines.append(
                "  \(verb) by \(decision.author) on \(decision.date.formatted(.iso8601)): \(decision.reason)")
        }
        for allow in allows.allows.filter({ $0.entry == entry && $0.scope.includes(key) }).suffix(3) {
            let until = allow.expiry.map { " until \($0.formatted(.iso8601))" } ?? ""
            let state =
                allow.isActive(now)
                ? "allowed" + until : allow.revoked == nil ? "was allowed" + until : "was allowed, and taken back;"
            lines.append(
                "  \(state) by \(allow.author) on \(allow.date.formatted(.iso8601)): \(allow.reason)")
        }
        return lines
    }

    /// In which phases an entry was seen and by whom, or nil if it was not.
    private func seen(_ entry: String) -> String? {
        let parts = entry.split(separator: "/", maxSplits: 2).map(String.init)
        if parts.count == 3, parts[0] == "calls", let call = calls[parts[1]]?[parts[2]] { return Self.seen(call) }
        if entry.hasPrefix("ioUring/"), let operation = ioUring[String(entry.dropFirst(8))] {
            return Self.seen(operation)
        }
        if entry.hasPrefix("peers/"), let name = PeerName(String(entry.dropFirst(6))) {
            let known = name.coverings.lazy.compactMap { covering in
                peers?[covering.text].map { (covering.text, Self.seen($0)) }
            }.first
            return known.map { $0 == name.text ? $1 : "part of \($0), \($1)" }
        }
        if entry.hasPrefix("credentials/"), let name = CredentialName(String(entry.dropFirst("credentials/".count))) {
            return seen(name)
        }
        if let (path, parent) = parent(entry), let known = executables[path] {
            guard let parents = known.parents else { return "the profile does not know who executes \(path)" }
            guard let edge = parents[parent] else { return "\(path) is only known from \(Self.names(parents.keys))" }
            return "executed by it in \(Self.epochs(edge.runs)) (\(edge.phases.joined(separator: ", "))), last "
                + edge.last.formatted(.iso8601)
        }
        guard entry.hasPrefix("executables/") || entry.hasPrefix("sessions/"),
            let slash = entry.firstIndex(of: "/"), let known = executables[String(entry[entry.index(after: slash)...])]
        else { return nil }
        return "ran in \(Self.epochs(known.runs)) (\(known.phases.joined(separator: ", "))), last "
            + known.last.formatted(.iso8601)
    }

    /// The executable and its parent that an entry names, as far as the profile has such an executable.
    private func parent(_ entry: String) -> (path: String, parent: String)? {
        guard entry.hasPrefix("parents/") else { return nil }
        let pair = entry.dropFirst("parents/".count)
        let path = executables.keys.filter { pair.hasPrefix($0 + ProfileEntry.parentMark) }.max {
            $0.utf8.count < $1.utf8.count
        }
        return path.map { ($0, String(pair.dropFirst(($0 + ProfileEntry.parentMark).count))) }
    }

    private func seen(_ name: CredentialName) -> String? {
        guard let credentials else { return "the profile does not know which rights processes had" }
        if let known = credentials[name.inProfile.text] { return Self.seen(known) }
        if let any = name.asAnyUser?.text, let known = credentials[any] {
            return "part of \(any), \(Self.seen(known))"
        }
        let phases = [Phase.workload.name] + (name.isOfSession ? [Phase.sessionWorkload.name] : [])
        let known = credentials.filter { _, evidence in phases.contains { evidence.phases[$0] != nil } }.keys
        let users = known.compactMap { text -> String? in
            switch CredentialName(text)?.right {
            case .uid(let uid)?: String(uid)
            case .anyUser?: "any but root"
            case .capabilities?, nil: nil
            }
        }
        let capabilities = known.compactMap { text -> [String]? in
            if case .capabilities(let set)? = CredentialName(text)?.right { set.names } else { nil }
        }
        return "the profile knows the users \(Self.names(Set(users))) and "
            + (capabilities.isEmpty ? "no capability" : Self.names(Set(capabilities.joined())))
    }

    private static func names(_ all: some Collection<String>) -> String {
        guard !all.isEmpty else { return "nobody" }
        let more = all.count > 8 ? " and \(all.count - 8) more" : ""
        return all.sorted().prefix(8).joined(separator: ", ") + more
    }

    private static func epochs(_ count: Int) -> String { "\(count) epoch\(count == 1 ? "" : "s")" }

    private static func seen(_ call: CallEvidence) -> String {
        let phases = call.phases.sorted { $0.key < $1.key }.map { phase, use in
            let who = use.executables.keys.sorted()
            let more = who.count > 3 ? " and \(who.count - 3) more" : ""
            return "\(phase), in \(epochs(use.runs)), by \(who.prefix(3).joined(separator: ", "))\(more)"
        }
        return "seen in " + phases.joined(separator: "; ") + (call.held.map { "; held for review: \($0)" } ?? "")
    }
}
