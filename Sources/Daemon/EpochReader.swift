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
    private let hierarchy: CgroupHierarchy
    private let names: NameBook?
    private let clock = BootClock()
    /// /proc/sys/kernel/random/boot_id.
    let boot: String

    init(_ sensor: Sensor, _ hierarchy: CgroupHierarchy, boot: String, names: NameBook? = nil) {
        self.sensor = sensor
        self.hierarchy = hierarchy
        self.names = names
        self.boot = boot
    }

    /// Everything that the kernel keeps now; read once for all containers whose epoch ends together.
    func read(slots: Set<UInt32>) -> RecordedFacts {
        var facts = RecordedFacts(sensor, isCounted: false, firstUses: [:], slots: slots)
        if let names { facts.names = names.names(of: facts.slots.map(\.cgroupID)) }
        return facts
    }

    /// What one container did since its last epoch was taken, what replaced programs kept of it included. `last` is what was
    /// saved of the epoch before.
    func read(
        _ container: TrackedContainer, in facts: RecordedFacts, last: TakenEpochs?, now: UInt64, end: Date
    ) -> Reading {
        var own = facts
        var slots = facts.slots.filter { container.slots.contains($0.index) }
        var reasons: Set<String> = []
        for inherited in container.inherited {
            own.add(inherited.facts, slot: inherited.slot, numbersShiftedBy: inherited.offset)
            slots += own.slots.filter { $0.index == inherited.slot + inherited.offset }
            reasons.formUnion(inherited.facts.shortcomings)
        }
        own.losses = facts.losses.since(container.losses)
        // The kernel marks the slots of tasks that it could not follow.
        let isMarked = slots.contains { $0.has(UInt32(RF_SLOT_NO_STORAGE)) }
        let isComplete = own.losses.cgroups == 0 && !(isMarked && own.losses.tasks > 0)
        own.losses.tasks = 0

        let known = last?.boot == boot ? last?.cgroups ?? [:] : [:]
        let denials = own.denials
        own.denials = []
        var taken: [String: TakenEpochs.Cgroup] = [:]
        var events = EventAccounting()
        var overlaps = false
        for (cgroup, places) in Dictionary(grouping: slots, by: \.cgroupID) {
            let part = CgroupEpoch(places, denials: denials, subs: own.subs, before: known[String(cgroup)])
            events.add(part.events)
            own.denials += part.denials
            overlaps = overlaps || part.overlaps
            taken[String(cgroup)] = part.taken(until: now)
        }
        return Reading(
            observation: observation(of: container, own, slots, events, reasons, end: end), taken: taken,
            startsInstance: container.epochs == 0
                && slots.allSatisfy { !$0.has(UInt32(RF_SLOT_PROFILED)) && known[String($0.cgroupID)] == nil },
            overlaps: overlaps, isComplete: isComplete)
    }

    private func observation(
        of container: TrackedContainer, _ facts: RecordedFacts, _ slots: [SlotSnapshot], _ events: EventAccounting,
        _ reasons: Set<String>, end: Date
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
                kernel: HostEnvironment.kernel, runtime: description.runtime),
            reasons: reasons.sorted())
        profile.window.events = events
        if container.role == .container, !container.isGone { addOrigins(to: &profile, container) }
        return profile
    }

    /// Notes where the executables' files come from, as far as that can be seen: while the container lives.
    private func addOrigins(to profile: inout BehaviourProfile, _ container: TrackedContainer) {
        guard let pid = (try? hierarchy.processes(in: container.path))?.first,
            let files = ContainerFiles(seenBy: UInt32(pid))
        else { return }
        for path in profile.executables.keys {
            profile.executables[path]?.origins = files.origin(of: path).map { [$0.name] }
        }
    }

    /// Takes saved facts out of the slots of a container, so that their next use is news again, and notes there what of
    /// their accounts is saved: the next daemon must not count it again.
    func clear(_ container: TrackedContainer, _ facts: RecordedFacts, now: UInt64) {
        for sub in facts.subs where container.slots.contains(sub.slot) { sensor.clear(sub) }
        for slot in facts.slots where container.slots.contains(slot.index) {
            sensor.clear(slot, until: now)
            sensor.book(slot)
        }
        container.losses = facts.losses
    }

    /// The ids of every cgroup that has a slot, in decimal.
    var cgroups: Set<String> {
        Set(sensor.usedSlots.map { String($0.cgroup) })
    }
}
