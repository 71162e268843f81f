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

    /// The one alert whose id begins so: from memory, else from the file.
    func alert(_ id: String) throws(ControlFailure) -> Alert {
        let wanted = id.lowercased()
        let known = desk.recent.find(wanted)
        if known.count == 1, let alert = known.first { return alert }
        do throws(AlertsError) {
            return try AlertLog(path: configuration.alertsPath).find(wanted)
        } catch {
            throw ControlFailure(
                "cannot \(error.step.rawValue) \(error.subject): \(error.reason)", remedy: error.remedy,
                exitCode: error.step == .find ? 66 : 74)
        }
    }

    /// An alert and what its profile knows about each of its items.
    func explain(_ request: ControlRequest) throws(ControlFailure) -> JSONValue {
        let alert = try alert(try request.text("id"))
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

    /// The audit, or what a reading of the whole of it found.
    func audit(_ request: ControlRequest) throws(ControlFailure) -> ControlAnswer {
        let since = try request.seconds("since").map { Moment.now.wall.advanced(byMilliseconds: -Int64($0 * 1000)) }
        var records: [JSONValue] = []
        let verification: AuditVerification
        do throws(AlertsError) {
            verification = try AuditVerification(path: configuration.stateDirectory + "/audit.jsonl") { record in
                if let since, record.time < since { return }
                // The newest count: twice the limit is cut to it, so that each is moved once.
                if records.count >= 2 * Self.auditLimit { records.removeFirst(records.count - Self.auditLimit) }
                if !request.flag("verify") { records.append(JSONValue(encoding: record)) }
            }
        } catch {
            throw ControlFailure(
                "cannot \(error.step.rawValue) \(error.subject): \(error.reason)", remedy: error.remedy, exitCode: 74)
        }
        guard request.flag("verify") else { return .lines(records.suffix(Self.auditLimit).map(\.bytes)) }
        let result: JSONValue = [
            "records": .count(verification.records), "isIntact": .bool(verification.isIntact),
            "repairs": .count(verification.repairs), "flaw": .optional(verification.firstFlaw?.description),
            "missingTail": .optional(verification.missingTail),
        ]
        return .result(result.compact)
    }

    /// Records of the audit that one answer has.
    private static let auditLimit = 10_000
}
