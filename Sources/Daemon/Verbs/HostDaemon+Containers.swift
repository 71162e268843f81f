// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import FoundationEssentials
import Platform
import Profiles

extension HostDaemon {
    /// Everything that is watched now, by name.
    var containerList: JSONValue {
        let now = Date()
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

    private func json(_ container: TrackedContainer, _ now: Date) -> JSONValue {
        let description = container.description
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
            "complaints": .list(container.settings.complaints),
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
