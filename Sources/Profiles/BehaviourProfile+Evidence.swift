// SPDX-License-Identifier: Apache-2.0
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
        guard entry.hasPrefix("executables/") || entry.hasPrefix("sessions/"),
            let slash = entry.firstIndex(of: "/"), let known = executables[String(entry[entry.index(after: slash)...])]
        else { return nil }
        return "ran in \(Self.epochs(known.runs)) (\(known.phases.joined(separator: ", "))), last "
            + known.last.formatted(.iso8601)
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
