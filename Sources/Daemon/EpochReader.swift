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
    /// One epoch of one container.
    struct Reading {
        let observation: BehaviourProfile
        /// How far it is read with this, by cgroup id: to be saved with the profile.
        let taken: [String: TakenEpochs.Cgroup]
        /// Whether nobody has taken an epoch of it before, this daemon's predecessors included.
        let startsInstance: Bool
        /// Whether the last epoch was saved, and a crash came before it was taken out.
        let overlaps: Bool
        /// Whether no facts were lost.
        let isComplete: Bool
    }

    private let sensor: Sensor
    private let clock = BootClock()
    /// /proc/sys/kernel/random/boot_id.
    let boot: String

    init(_ sensor: Sensor, boot: String) {
        self.sensor = sensor
        self.boot = boot
    }

    /// Everything that the kernel keeps now; read once for all containers whose epoch ends together.
    func read(slots: Set<UInt32>) -> RecordedFacts {
        RecordedFacts(sensor, isCounted: false, firstUses: [:], slots: slots)
    }

    /// What one container did since its last epoch was taken. `last` is what was saved of that.
    func read(
        _ container: TrackedContainer, in facts: RecordedFacts, last: TakenEpochs?, now: UInt64, end: Date
    ) -> Reading {
        let slots = facts.slots.filter { container.slots.contains($0.index) }
        let known = last?.boot == boot ? last?.cgroups ?? [:] : [:]
        let before = slots.map { known[String($0.cgroupID)] }
        let slotOfSub = Dictionary(facts.subs.map { ($0.index, $0.slot) }) { one, _ in one }
        var own = facts
        own.losses = facts.losses.since(container.losses)
        // The kernel marks the slots of tasks that it could not follow.
        let isMarked = slots.contains { $0.has(UInt32(RF_SLOT_NO_STORAGE)) }
        let isComplete = own.losses.cgroups == 0 && !(isMarked && own.losses.tasks > 0)
        own.losses.tasks = 0
        own.denials = []
        var taken: [String: TakenEpochs.Cgroup] = [:]
        var events = EventAccounting()
        for (slot, before) in zip(slots, before) {
            let denials = facts.denials.filter { slotOfSub[$0.sub] == slot.index }
            own.denials += denials.compactMap { $0.less(before?.denied?[$0.name] ?? 0) }
            let total = Self.accounting(slot.account)
            Self.add(total, less: before?.events ?? EventAccounting(), to: &events)
            let denied = Dictionary(denials.map { ($0.name, $0.count) }) { one, _ in one }
            taken[String(slot.cgroupID)] = TakenEpochs.Cgroup(
                end: now, events: total, denied: denied.isEmpty ? nil : denied)
        }
        return Reading(
            observation: observation(of: container, own, slots, events, end: end), taken: taken,
            startsInstance: container.epochs == 0
                && zip(slots, before).allSatisfy { $0.epochNanoseconds == 0 && $1 == nil },
            overlaps: zip(slots, before).contains { slot, before in
                before.map { slot.epochNanoseconds < $0.end } ?? false
            }, isComplete: isComplete)
    }

    private func observation(
        of container: TrackedContainer, _ facts: RecordedFacts, _ slots: [SlotSnapshot], _ events: EventAccounting,
        end: Date
    ) -> BehaviourProfile {
        let builder = ProfileBuilder(
            facts: facts, slots: slots, keepsSessions: container.role == .container,
            start: min(end, clock.date(ofNanoseconds: container.epochBegan)), end: end)
        let description = container.description
        var profile = builder.build(
            key: container.key,
            target: ProfileTarget(
                kind: container.role == .container ? .container : container.role == .service ? .unit : .cgroup,
                name: description.name, command: description.command, engine: description.engine.rawValue,
                image: description.image, digests: [description.digest].compactMap { $0 }),
            environment: ProfileEnvironment(
                kernel: HostEnvironment.kernel, runtime: description.runtime))
        profile.window.events = events
        return profile
    }

    /// Takes saved facts out of the slots of a container, so that their next use is news again, and says so in the slots.
    func clear(_ container: TrackedContainer, _ facts: RecordedFacts, now: UInt64) {
        for sub in facts.subs where container.slots.contains(sub.slot) { sensor.clear(sub) }
        for slot in facts.slots where container.slots.contains(slot.index) { sensor.clear(slot, until: now) }
        container.losses = facts.losses
    }

    /// The ids of every cgroup that has a slot, in decimal.
    var cgroups: Set<String> {
        Set((0..<sensor.slotsUsed).compactMap { sensor.cgroup(ofSlot: $0).map { String($0) } })
    }

    private static func accounting(_ account: SlotSnapshot.Account) -> EventAccounting {
        EventAccounting(
            produced: account.produced, delivered: account.delivered, suppressed: account.suppressed,
            dropped: account.dropped)
    }

    /// Accounts count from the cgroup's beginning; an epoch has its share of them.
    private static func add(_ total: EventAccounting, less before: EventAccounting, to sum: inout EventAccounting) {
        sum.produced += total.produced - min(total.produced, before.produced)
        sum.delivered += total.delivered - min(total.delivered, before.delivered)
        sum.suppressed += total.suppressed - min(total.suppressed, before.suppressed)
        sum.dropped += total.dropped - min(total.dropped, before.dropped)
    }
}
