// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import FoundationEssentials
import Platform
import Profiles
import Synchronization

extension HostDaemon {
    /// The topic of those who follow alerts.
    private static let topic = "alerts"

    /// An alert went out: it is remembered, counted and sent to those who follow and want it.
    func announced(_ line: [UInt8]) {
        guard let alert = desk.recent.add(line) else { return }
        desk.recent.forgetContainers(but: Set(watch.inventory.containers.values.map(\.description.id)))
        server.publish(line, to: Self.topic, now: .now) { request in
            (try? Self.filter(request))?.matches(alert) ?? true
        }
    }

    /// A list, or a tail that begins with the list if `since` is given.
    func alerts(_ request: ControlRequest) throws(ControlFailure) -> ControlAnswer {
        let filter = try Self.filter(request)
        let lines = desk.recent.all.filter { filter.matches($0.alert) }.map(\.line)
        guard request.flag("follow") else { return .lines(lines) }
        return .subscription(topic: Self.topic, backlog: filter.since == nil ? [] : lines)
    }

    /// What a request asks for.
    private static func filter(_ request: ControlRequest) throws(ControlFailure) -> AlertFilter {
        var filter = AlertFilter()
        if let seconds = try request.seconds("since") {
            filter.since = Moment.now.wall.advanced(byMilliseconds: -Int64(seconds * 1000))
        }
        if let container = request.arguments["container"]?.text { filter.setContainer(container) }
        if let word = request.arguments["severity"]?.text {
            guard let severity = Severity(rawValue: word) else {
                throw ControlFailure(
                    "there is no severity of that name", remedy: "it is notice, warning or critical", exitCode: 64)
            }
            filter.minimumSeverity = severity
        }
        if let word = request.arguments["rule"]?.text {
            guard let rule = AlertRule(rawValue: word) else {
                throw ControlFailure(
                    "there is no rule of that name",
                    remedy: "rules are " + AlertRule.allCases.map(\.rawValue).joined(separator: ", "), exitCode: 64)
            }
            filter.rule = rule
        }
        return filter
    }

    /// The one alert whose id begins so, from memory: nobody can have this thread read files, for others wait meanwhile.
    func recentAlert(_ id: String) throws(ControlFailure) -> Alert {
        let known = desk.recent.find(id.lowercased())
        guard let alert = known.first else {
            throw ControlFailure(
                "cannot find the alert \(HostileText.escaped(id)): none of that id is among the newest",
                remedy:
                    "list the ids with `ringfence alerts`; as root `ringfence explain` finds older ones in the files",
                exitCode: 66)
        }
        guard known.count == 1 else {
            let ids = known.map(\.id).sorted().prefix(5).joined(separator: ", ")
            throw ControlFailure(
                "several alerts begin like that: \(ids)", remedy: "give more of the id", exitCode: 65)
        }
        return alert
    }

    /// An alert and what its profile knows about each of its items.
    func explain(_ request: ControlRequest) throws(ControlFailure) -> JSONValue {
        let alert = try recentAlert(try request.text("id"))
        let profile = alert.profile.flatMap { watch.keeper.profiles[$0.key] }
        let entries = alert.items.compactMap(\.item.profileEntry)
        let evidence = profile?.evidence(
            of: entries, allows: watch.keeper.allows, share: watch.keeper.rule.share, now: Date())
        return ["alert": JSONValue(encoding: alert), "evidence": .list(evidence ?? [])]
    }

    /// Sends a marked alert through every sink.
    func testAlerts(by actor: VerbActor) -> VerbOutcome {
        writer.inbox.send(.finding(.test(actor: actor.user, now: .now)))
        wakeUps.writer.raise()
        let sinks = writer.standing.withLock { $0.sinks.map(\.name) }
        return VerbOutcome(["sinks": .list(sinks)], "to \(sinks.count) sinks")
    }

    /// The newest of the audit. The whole of it is read by the tool itself: this thread has others to answer.
    func audit(_ request: ControlRequest) throws(ControlFailure) -> ControlAnswer {
        guard !request.flag("verify") else {
            throw ControlFailure(
                "the audit is not verified by the daemon that writes it",
                remedy: "run as root: ringfence audit --verify reads the file itself", exitCode: 77)
        }
        let since = try request.seconds("since").map { Moment.now.wall.advanced(byMilliseconds: -Int64($0 * 1000)) }
        do throws(AlertsError) {
            return .lines(try AuditTail(path: configuration.stateDirectory + "/audit.jsonl").lines(since: since))
        } catch {
            throw ControlFailure(
                "cannot \(error.step.rawValue) \(error.subject): \(error.reason)", remedy: error.remedy, exitCode: 74)
        }
    }
}
