// SPDX-License-Identifier: Apache-2.0
import Containers
import FoundationEssentials
import Profiles
import Recorder
import Sensor

/// Ends the epochs of containers: has what they did saved, tries again where that failed, and gives the slots of what is
/// gone back only then. Control thread.
final class EpochLoop {
    private let inventory: Inventory
    private let keeper: ProfileKeeper
    private let journal: DaemonJournal
    private let reader: EpochReader
    private let tables: KeyTables
    private let returns: SlotReturns
    private let inheritance: Inheritance
    /// Containers that are gone and whose last epoch could not be saved: their facts stay in the kernel until it can.
    private var unsaved: [TrackedContainer] = []
    private var nextTry: UInt64 = 0
    private var sessions: [String: [LearningEpoch.Session]] = [:]
    /// Epochs of containers that are over and saved.
    private(set) var ended: UInt64 = 0

    /// Sessions remembered for one container in one epoch; a health check a second makes this many in an epoch of a minute.
    private static let sessionLimit = 64
    /// How long after a failure saving is tried again.
    private static let retryPause: UInt64 = 5_000_000_000
    /// Containers that are gone and may wait for their last epoch to be saved.
    private static let unsavedLimit = 256
    /// Epochs that are ended in one round: each is saved with fsync, and others wait meanwhile.
    private static let endsAtOnce = 16
    /// Cgroups of one container that may wait to be given back before its epoch is ended early.
    private static let departedLimit = 64

    init(
        _ sensor: Sensor, _ inventory: Inventory, _ keeper: ProfileKeeper, tables: KeyTables, returns: SlotReturns,
        inheritance: Inheritance, journal: DaemonJournal
    ) {
        self.inventory = inventory
        self.keeper = keeper
        self.tables = tables
        self.returns = returns
        self.inheritance = inheritance
        self.journal = journal
        reader = EpochReader(sensor)
    }

    /// When the next epoch is over, nanoseconds of CLOCK_BOOTTIME; nil if there is none.
    var deadline: UInt64? {
        inventory.containers.values.map {
            $0.inherited.isEmpty ? $0.epochBegan + epochNanoseconds : $0.inheritanceDue
        }.min()
    }

    /// Notes that an exec session ran a program.
    func noteSession(of container: TrackedContainer, executable: String, arguments: [String]) {
        var seen = sessions[container.path] ?? []
        guard seen.count < Self.sessionLimit else { return }
        let session = LearningEpoch.Session(executable: executable, arguments: arguments, executables: [executable])
        if !seen.contains(session) { seen.append(session) }
        sessions[container.path] = seen
    }

    /// Ends what is over, and tries to save again what could not be saved.
    func service(now: UInt64) {
        let due = inventory.containers.values.filter {
            now >= $0.epochBegan + epochNanoseconds || $0.departed.count > Self.departedLimit
                || !$0.inherited.isEmpty && now >= $0.inheritanceDue
        }
        if !due.isEmpty { end(Array(due.sorted { $0.epochBegan < $1.epochBegan }.prefix(Self.endsAtOnce)), now: now) }
        saveAgain(now: now)
    }

    /// Ends every epoch, before the daemon does.
    func endAll(now: UInt64) { end(Array(inventory.containers.values), now: now) }

    /// Ends the last epoch of a container that is gone.
    func endLast(_ container: TrackedContainer, now: UInt64) {
        end([container], now: now)
        if container.holdsFacts { unsaved.append(container) }
        sessions[container.path] = nil
    }

    /// The length of an epoch: the same for all.
    private var epochNanoseconds: UInt64 { UInt64(keeper.rule.epochSeconds) * 1_000_000_000 }

    private func end(_ containers: [TrackedContainer], now: UInt64) {
        let facts = reader.read(slots: containers.reduce(into: Set<UInt32>()) { $0.formUnion($1.slots) })
        let isComplete = !reader.hasLost(facts)
        for container in containers.sorted(by: { $0.found < $1.found }) {
            end(container, facts, isComplete: isComplete, now: now)
        }
    }

    private func end(_ container: TrackedContainer, _ facts: RecordedFacts, isComplete: Bool, now: UInt64) {
        let date = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.up))
        let epoch = LearningEpoch(
            instance: container.description.id, startsInstance: !reader.isProfiled(container, in: facts),
            isComplete: isComplete,
            sessions: sessions[container.path] ?? [])
        guard container.isLearnedFrom else { return finish(container, now: now) }
        let observation = reader.observation(of: container, in: facts, end: date)
        do {
            let outcome = try keeper.observe(
                observation, epoch: epoch, rule: container.rule(from: keeper.rule),
                probe: container.description.healthcheck, now: date)
            // Saved, or seen and deliberately not learned: a later relearning begins with what comes then.
            reader.clear(container, facts)
            sessions[container.path] = nil
            tables.restate(container.key)
            if outcome.newState != nil || outcome.imageChange != nil {
                tables.refresh(container.key, now: now)
                tables.show()
            }
            // Said once it is so.
            journal.tell(outcome, of: container)
        } catch {
            // The facts stay in the kernel; the next epoch's end tries again.
            journal.say("the profile of \(container.description.name) could not be saved: \(error.description)")
            container.epochBegan = now
            container.inheritanceDue = now + Self.retryPause
            return
        }
        finish(container, now: now)
    }

    /// Tries to save what could not be saved, every few seconds.
    private func saveAgain(now: UInt64) {
        guard !unsaved.isEmpty, now >= nextTry else { return }
        nextTry = now + Self.retryPause
        let waiting = unsaved
        unsaved = []
        end(waiting, now: now)
        unsaved = waiting.filter(\.holdsFacts)
        // The slots of what cannot be saved must not take the place of what can.
        while unsaved.count > Self.unsavedLimit {
            let oldest = unsaved.removeFirst()
            journal.record("lost", subject: oldest.key, reason: "its last epoch could not be saved")
            journal.say("given up: the last epoch of \(oldest.description.name) could not be saved")
            finish(oldest, now: now)
        }
    }

    /// Begins the next epoch and gives back what is saved.
    private func finish(_ container: TrackedContainer, now: UInt64) {
        container.epochs += 1
        ended += 1
        container.epochBegan = now
        if !container.isGone { tables.remember(container.departed, of: container, now: now) }
        for slot in container.departed {
            returns.release(slot)
            container.slots.remove(slot)
        }
        container.departed = []
        inheritance.settle(container)
    }
}
