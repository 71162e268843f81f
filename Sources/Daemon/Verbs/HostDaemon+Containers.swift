// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import FoundationEssentials
import Platform
import Profiles

extension HostDaemon {
    /// Everything that is watched now, by name, or the one that is asked for with its whole posture.
    func containers(_ request: ControlRequest) throws(ControlFailure) -> JSONValue {
        let now = Date()
        if let wanted = request.arguments["container"]?.text, !wanted.isEmpty {
            return .array([json(try container(wanted), now, isWhole: true)])
        }
        let all = watch.inventory.containers.values.sorted {
            ($0.description.name, $0.path) < ($1.description.name, $1.path)
        }
        return .array(all.map { json($0, now) })
    }

    /// How many containers are in each state.
    var containersByState: [String: Int] {
        watch.inventory.containers.values.reduce(into: [
            "learning": 0, "ready": 0, "monitoring": 0, "off": 0, "unprofiled": 0,
        ]) {
            $0[state(of: $1), default: 0] += 1
        }
    }

    /// The state of its profile, or why there is none.
    func state(of container: TrackedContainer) -> String {
        if container.settings.mode == .off { return "off" }
        if watch.keeper.unreadable[container.key] != nil { return "unreadable" }
        if container.settings.mode == .monitor, watch.keeper.profiles[container.key] == nil { return "unprofiled" }
        return watch.keeper.profiles[container.key]?.learning?.state.rawValue ?? "learning"
    }

    /// How much harm it could do, as its posture and what was learned of it tell.
    private func risk(of container: TrackedContainer, _ posture: Posture) -> RiskScore {
        let calls = watch.keeper.profiles[container.key]?.graveCalls.map {
            RiskScore.LearnedCall(name: $0.name, tier: $0.tier.rawValue)
        }
        return RiskScore(posture, calls: calls, weights: watch.postures.weights)
    }

    /// What the container was given, and what of that the profile of its key has seen used: nothing is said of one whose start,
    /// where most are used, nobody saw.
    private func report(_ posture: Posture, _ risk: RiskScore, _ profile: BehaviourProfile?) -> PostureReport {
        let isLate = profile?.window.partial.contains(ProfileWindow.lateReason) == true
        return PostureReport(posture, risk: risk, capabilitiesUsed: isLate ? nil : profile?.usedCapabilities)
    }

    private func json(_ container: TrackedContainer, _ now: Date, isWhole: Bool = false) -> JSONValue {
        let description = container.description
        let posture = watch.postures.posture(of: container)
        let risk = risk(of: container, posture)
        let profile = watch.keeper.profiles[container.key]
        let clock = BootClock()
        let value: JSONValue = [
            "name": .string(description.name), "id": .string(description.id),
            "engine": .string(description.engine.rawValue), "image": .optional(description.image),
            "digest": .optional(description.digest), "workload": .optional(description.workload?.description),
            "command": .list(description.command), "cgroup": .string(HostileText.escaped(container.path)),
            "key": .string(container.key), "state": .string(state(of: container)),
            "mode": .optional(container.settings.mode?.rawValue), "readiness": .string(readiness(of: container, now)),
            "epochs": .count(profile?.learning?.epochs ?? 0), "instances": .count(profile?.learning?.instances ?? 0),
            "partial": .list(profile?.window.partial ?? []), "slots": .count(container.slots.count),
            "found": .date(clock.date(ofNanoseconds: container.found)),
            "lastAlert": .optional(desk.recent.lastOfContainer[description.id]?.description),
            "complaints": .list(container.settings.complaints), "risk": .count(risk.score),
            "posture": .list(risk.parts.filter { !$0.isUnknown }.map(\.item)),
            "unknown": .list(PostureQuestion.allCases.filter { $0.isUnknown(posture) }.map(\.rawValue)),
            "started": .string(description.created ?? clock.date(ofNanoseconds: container.found).formatted(.iso8601)),
            "isApproved": watch.unexpected.inventory.map { .bool($0.contains(container.key)) } ?? .null,
            "report": isWhole ? JSONValue(encoding: report(posture, risk, profile)) : .null,
        ]
        return value.compact
    }

    private func readiness(of container: TrackedContainer, _ now: Date) -> String {
        if container.settings.mode == .off { return "is not watched: ringfence.mode=off" }
        if let reason = watch.keeper.unreadable[container.key] { return "its profile cannot be read: \(reason)" }
        if let lack = watch.keeper.lack(of: container) { return lack }
        guard let profile = watch.keeper.profiles[container.key] else { return "needs its first epoch" }
        return Self.readiness(of: profile, rule: watch.keeper.rule, now: now)
    }

    /// What a profile lacks, or why it is compared, for people.
    static func readiness(of profile: BehaviourProfile, rule: LearningRule, now: Date) -> String {
        guard let learning = profile.learning else { return "is a recording" }
        let locked = learning.locked ? ", locked" : ""
        guard learning.state == .monitoring else {
            return Readiness(learning, share: rule.share, now: now).sentence + locked
        }
        if let imported = learning.imported { return "is compared: imported by \(imported.author)" + locked }
        if let forced = learning.forced { return "is compared before it was ready: \(forced.author) said so" + locked }
        return "is compared" + locked
    }
}
