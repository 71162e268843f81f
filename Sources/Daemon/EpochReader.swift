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
    private var lossesSeen = Sensor.Losses.none

    init(_ sensor: Sensor) { self.sensor = sensor }

    /// Everything that the kernel keeps now; read once for all containers whose epoch ends together.
    func read(slots: Set<UInt32>) -> RecordedFacts {
        RecordedFacts(sensor, isCounted: false, firstUses: [:], slots: slots)
    }

    /// What one container did since its epoch began.
    func observation(of container: TrackedContainer, in facts: RecordedFacts, end: Date) -> BehaviourProfile {
        var facts = facts
        var slots = facts.slots.filter { container.slots.contains($0.index) }
        var reasons: Set<String> = []
        for inherited in container.inherited {
            facts.add(inherited.facts, slot: inherited.slot, numbersShiftedBy: inherited.offset)
            slots += facts.slots.filter { $0.index == inherited.slot + inherited.offset }
            reasons.formUnion(inherited.facts.shortcomings)
        }
        let builder = ProfileBuilder(
            facts: facts, slots: slots, keepsSessions: container.role == .container,
            start: clock.date(ofNanoseconds: container.epochBegan), end: end)
        let description = container.description
        return builder.build(
            key: container.key,
            target: ProfileTarget(
                kind: container.role == .container ? .container : container.role == .service ? .unit : .cgroup,
                name: description.name, command: description.command, engine: description.engine.rawValue,
                image: description.image, digests: [description.digest].compactMap { $0 }),
            environment: ProfileEnvironment(
                kernel: HostEnvironment.kernel, runtime: description.runtime),
            reasons: reasons.sorted())
    }

    /// Whether a profile has counted the container's start: by a daemon before this one, if not by this.
    func isProfiled(_ container: TrackedContainer, in facts: RecordedFacts) -> Bool {
        container.epochs > 0
            || facts.slots.contains { container.slots.contains($0.index) && $0.has(UInt32(RF_SLOT_PROFILED)) }
            || container.inherited.contains { $0.isProfiled }
    }

    /// Whether facts were lost since this was asked last: then no epoch of that time is complete.
    func hasLost(_ facts: RecordedFacts) -> Bool {
        defer { lossesSeen = facts.losses }
        return facts.losses.cgroups > lossesSeen.cgroups || facts.losses.tasks > lossesSeen.tasks
    }

    /// Takes saved facts out of the slots of a container, so that their next use is news again, and notes there what of
    /// their accounts is saved: the next daemon must not count it again.
    func clear(_ container: TrackedContainer, _ facts: RecordedFacts) {
        for sub in facts.subs where container.slots.contains(sub.slot) { sensor.clear(sub) }
        for slot in facts.slots where container.slots.contains(slot.index) { sensor.book(slot) }
    }
}
