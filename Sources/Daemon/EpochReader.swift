// SPDX-License-Identifier: Apache-2.0
import CEvents
import Containers
import Events
import FoundationEssentials
import Platform
import Profiles
import Recorder
import Sensor

/// Reads what containers did in an epoch out of the kernel's slots, and takes it out once it is saved. Control thread.
final class EpochReader {
    private let sensor: Sensor
    private let clock = BootClock()
    private var accounts: [String: EventAccounting] = [:]
    private var lossesSeen = Sensor.Losses.none

    init(_ sensor: Sensor) { self.sensor = sensor }

    /// Everything that the kernel keeps now; read once for all containers whose epoch ends together.
    func read(slots: Set<UInt32>) -> RecordedFacts {
        RecordedFacts(sensor, isCounted: false, firstUses: [:], slots: slots)
    }

    /// What one container did since its epoch began.
    func observation(of container: TrackedContainer, in facts: RecordedFacts, end: Date) -> BehaviourProfile {
        let slots = facts.slots.filter { container.slots.contains($0.index) }
        let builder = ProfileBuilder(
            facts: facts, slots: slots, keepsSessions: container.role == .container,
            start: clock.date(ofNanoseconds: container.epochBegan), end: end)
        let description = container.description
        var profile = builder.build(
            key: container.key,
            target: ProfileTarget(
                kind: container.role == .container ? .container : container.role == .service ? .unit : .cgroup,
                name: description.name, command: description.command, engine: description.engine.rawValue,
                image: description.image, digests: [description.digest].compactMap { $0 }),
            environment: ProfileEnvironment(
                kernel: HostEnvironment.kernel, runtime: description.runtime))
        // Accounts count from the cgroup's beginning; an epoch has its share of them.
        let total = profile.window.events
        profile.window.events = Self.difference(total, accounts[container.path] ?? EventAccounting())
        accounts[container.path] = total
        return profile
    }

    /// Whether facts were lost since this was asked last: then no epoch of that time is complete.
    func hasLost(_ facts: RecordedFacts) -> Bool {
        defer { lossesSeen = facts.losses }
        return facts.losses.cgroups > lossesSeen.cgroups || facts.losses.tasks > lossesSeen.tasks
    }

    /// Takes saved facts out of the slots of a container, so that their next use is news again.
    func clear(_ container: TrackedContainer, _ facts: RecordedFacts) {
        for sub in facts.subs where container.slots.contains(sub.slot) { sensor.clear(sub) }
    }

    /// Forgets what is kept for a container that has ended.
    func forget(_ container: TrackedContainer) { accounts[container.path] = nil }

    private static func difference(_ total: EventAccounting, _ before: EventAccounting) -> EventAccounting {
        EventAccounting(
            produced: total.produced - min(total.produced, before.produced),
            delivered: total.delivered - min(total.delivered, before.delivered),
            suppressed: total.suppressed - min(total.suppressed, before.suppressed),
            dropped: total.dropped - min(total.dropped, before.dropped))
    }
}
