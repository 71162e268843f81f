// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import FoundationEssentials
import Platform
import Profiles

extension HostDaemon {
    /// Allows what an alert reports: for its profile alone unless a wider scope is named.
    func allow(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        let alert = try reported(request)
        let entries = try allowable(alert)
        let wanted = try scope(request)
        let scope: AllowLayer.Scope
        if let wanted { scope = wanted } else { scope = try ownScope(alert) }
        let now = Date()
        let expiry = try request.seconds("expires").map { now.addingTimeInterval($0) }
        try changeAllows(scope, now) { layer throws(ProfileError) in
            for entry in entries {
                try layer.add(
                    AllowLayer.Allow(
                        entry: entry, scope: scope, author: actor.author, reason: actor.reason, date: now,
                        expiry: expiry))
            }
        }
        let value: JSONValue = [
            "alert": .string(alert.id), "entries": .list(entries), "scope": .string(scope.text),
            "expires": expiry.map { .date($0) } ?? .null,
        ]
        let until = expiry.map { " until \($0.formatted(.iso8601))" } ?? ""
        return VerbOutcome(value.compact, "\(entries.joined(separator: ", ")) for \(scope.text)\(until)")
    }

    /// Takes back what was allowed; everywhere unless a scope is named.
    func removeAllow(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        let entry = try request.text("entry")
        let wanted = try scope(request)
        let now = Date()
        let scopes = Set(
            watch.keeper.allows.allows.filter {
                $0.entry == entry && $0.isActive(now) && (wanted == nil || $0.scope == wanted)
            }.map(\.scope))
        guard !scopes.isEmpty else {
            throw ControlFailure(
                "\(HostileText.escaped(entry)) is not allowed" + (wanted.map { " for \($0.text)" } ?? ""),
                remedy: "see what is with `ringfence allow --list`", exitCode: 66)
        }
        var count = 0
        try changeAllows(wanted ?? .all, now) { layer throws(ProfileError) in
            for scope in scopes {
                count += layer.revoke(
                    entry: entry, scope: scope, author: actor.author, reason: actor.reason, date: now)
            }
        }
        return VerbOutcome(
            ["entry": .string(entry), "removed": .count(count)],
            "taken back for \(scopes.map(\.text).sorted().joined(separator: ", "))")
    }

    /// Everything that was ever allowed, oldest first.
    var allowList: JSONValue {
        let now = Date()
        return .array(
            watch.keeper.allows.allows.map { allow in
                let value: JSONValue = [
                    "entry": .string(allow.entry), "scope": .string(allow.scope.text),
                    "author": .string(allow.author), "reason": .string(allow.reason), "date": .date(allow.date),
                    "expires": allow.expiry.map { .date($0) } ?? .null, "isActive": .bool(allow.isActive(now)),
                    "revokedBy": .optional(allow.revoked?.author), "revokedFor": .optional(allow.revoked?.reason),
                ]
                return value.compact
            })
    }

    /// Makes tables anew when something that was allowed has expired. Called every second.
    func expireAllows(now: UInt64) {
        guard let due = desk.nextExpiry, Date() >= due else { return }
        watch.tables.refreshAll(now: now)
        desk.nextExpiry = watch.keeper.allows.nextExpiry(after: Date())
    }

    private func changeAllows(
        _ scope: AllowLayer.Scope, _ now: Date, _ body: (inout AllowLayer) throws(ProfileError) -> Void
    ) throws(ControlFailure) {
        do throws(ProfileError) {
            try watch.keeper.changeAllows(now: now, body)
        } catch { throw ControlFailure(error) }
        desk.nextExpiry = watch.keeper.allows.nextExpiry(after: now)
        let time = BootClock.nanoseconds
        if case .key(let key) = scope {
            watch.tables.refresh(key, now: time)
        } else {
            watch.tables.refreshAll(now: time)
        }
    }

    /// The alert that is meant: one of the newest, or as the tool found it in the files, which this thread does not read.
    /// Who may allow it could allow anything: a line that was made up gains nothing.
    private func reported(_ request: ControlRequest) throws(ControlFailure) -> Alert {
        let id = try request.text("alert")
        guard let line = request.arguments["line"]?.text else { return try recentAlert(id) }
        guard let alert = Alert(line: Array(line.utf8)), alert.id.hasPrefix(id.lowercased()) else {
            throw ControlFailure("\"line\" is not the line of alert \(HostileText.escaped(id))", exitCode: 65)
        }
        return alert
    }

    private func allowable(_ alert: Alert) throws(ControlFailure) -> [String] {
        func refusal(_ reason: String, _ remedy: String) -> ControlFailure {
            ControlFailure("alert \(alert.id) cannot be allowed: \(reason)", remedy: remedy, exitCode: 65)
        }
        guard alert.rule.isAllowable else {
            throw refusal("it is about Ringfence itself", "see `ringfence status`")
        }
        let items = alert.items.filter { $0.rule != .seccompDenied }
        guard !items.isEmpty else {
            throw refusal(
                "a seccomp filter refused the call, not Ringfence", "change the container's seccomp profile")
        }
        var entries: [String] = []
        for entry in items.compactMap(\.item.profileEntry) where !entries.contains(entry) {
            if AllowLayer.canHold(entry) { entries.append(entry) }
        }
        guard !entries.isEmpty else {
            throw refusal(
                "no profile can hold \(items.first?.item.text ?? "it")", "end the program that does it, or live with it"
            )
        }
        return entries
    }

    private func ownScope(_ alert: Alert) throws(ControlFailure) -> AllowLayer.Scope {
        guard let key = alert.profile?.key else {
            throw ControlFailure(
                "alert \(alert.id) is of no profile", remedy: "name a scope: --scope all, or --scope 'pattern NAME*'",
                exitCode: 65)
        }
        return .key(key)
    }

    private func scope(_ request: ControlRequest) throws(ControlFailure) -> AllowLayer.Scope? {
        guard let text = request.arguments["scope"]?.text else { return nil }
        guard text.utf8.count <= 1024, let scope = AllowLayer.Scope(text: text) else {
            throw ControlFailure(
                "the scope \"\(HostileText.escaped(text.utf8.prefix(80)))\" is none",
                remedy: "write all, \"key KEY\" or \"pattern PATTERN\"", exitCode: 64)
        }
        return scope
    }
}
