// SPDX-License-Identifier: Apache-2.0
import Containers
import FoundationEssentials
import Platform
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
    /// Containers that are gone since the last round.
    private var gone: [TrackedContainer] = []
    private var sessions: [String: [LearningEpoch.Session]] = [:]
    /// Epochs of containers that are over and saved.
    private(set) var ended: UInt64 = 0
    /// Last epochs of containers that could not be saved and were given up.
    private(set) var givenUp: UInt64 = 0

    /// Sessions remembered for one container in one epoch; a health check a second makes this many in an epoch of a minute.
    private static let sessionLimit = 64
    /// How long after a failure saving is tried again.
    private static let retryPause: UInt64 = 5_000_000_000
    /// Containers that are gone and may wait for their last epoch to be saved.
    private static let unsavedLimit = 256
    /// Epochs of living containers that are ended in one round: each key is saved with fsync, and others wait meanwhile.
    private static let endsAtOnce = 16
    /// Cgroups of one container that may wait to be given back before its epoch is ended early.
    private static let departedLimit = 64
    /// How long an epoch that is ended early lasts at least.
    private static let pause: UInt64 = 1_000_000_000

    init(
        _ sensor: Sensor, _ inventory: Inventory, _ keeper: ProfileKeeper, tables: KeyTables, returns: SlotReturns,
        inheritance: Inheritance, journal: DaemonJournal, boot: String, names: NameBook
    ) {
        self.inventory = inventory
        self.keeper = keeper
        self.tables = tables
        self.returns = returns
        self.inheritance = inheritance
        self.journal = journal
        reader = EpochReader(sensor, inventory.hierarchy, boot: boot, names: names)
    }

    /// When the next epoch is over, nanoseconds of CLOCK_BOOTTIME; nil if there is none.
    var deadline: UInt64? {
        inventory.containers.values.filter { !inventory.isLeaving($0) }.map {
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

    /// Ends what is over, all of it in one round, and tries to save again what could not be saved.
    func service(now: UInt64) {
        let due = inventory.containers.values.filter {
            // What ends in a moment has one last epoch, not two: nameless, it is to be kept as such.
            guard !inventory.isLeaving($0) else { return false }
            return now >= $0.epochBegan + epochNanoseconds
                || $0.departed.count > Self.departedLimit && now >= $0.epochBegan + Self.pause
                || !$0.inherited.isEmpty && now >= $0.inheritanceDue
        }
        var round = Array(due.sorted { $0.epochBegan < $1.epochBegan }.prefix(Self.endsAtOnce))
        round += gone
        gone = []
        if !unsaved.isEmpty, now >= nextTry {
            nextTry = now + Self.retryPause
            round += unsaved
            unsaved = []
        }
        // The tables that a storm has filled are given up before what they took is.
        if returns.isDue(isQuiet: round.allSatisfy { !$0.isGone }, now: now) {
            inventory.giveBackRoom()
            tables.giveBackRoom()
            HeapMemory.giveBack()
        }
        guard !round.isEmpty else { return }
        end(round, now: now)
        giveUp(now: now)
    }

    /// Ends every epoch, before the daemon does.
    func endAll(now: UInt64) {
        let waiting = unsaved + gone
        (unsaved, gone) = ([], [])
        end(waiting + Array(inventory.containers.values), now: now)
    }

    /// The last epoch of this container is over: it ends with the next round.
    func endLast(_ container: TrackedContainer) { gone.append(container) }

    /// The length of an epoch: the same for all.
    private var epochNanoseconds: UInt64 { UInt64(keeper.rule.epochSeconds) * 1_000_000_000 }

    private func end(_ containers: [TrackedContainer], now: UInt64) {
        let facts = reader.read(slots: containers.reduce(into: Set<UInt32>()) { $0.formUnion($1.slots) })
        let date = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.up))
        let watched = containers.filter(\.isLearnedFrom).sorted { $0.found < $1.found }
        let ended = watched.map { container in
            let reading = reader.read(
                container, in: facts, last: keeper.profiles[container.key]?.learning?.taken, now: now, end: date)
            return ProfileKeeper.EndedEpoch(
                reading: reading,
                epoch: LearningEpoch(
                    instance: container.description.id, startsInstance: reading.startsInstance,
                    isComplete: reading.isComplete, sessions: sessions[container.path] ?? []),
                rule: container.rule(from: keeper.rule), probe: container.description.healthcheck,
                isNameless: container.isNameless,
                mustGo: container.isGone || container.departed.count > Self.departedLimit)
        }
        let results = keeper.observe(ended, boot: reader.boot, living: reader.cgroups, now: date)
        var over = containers.filter { !$0.isLearnedFrom }
        var complaints: [String: (first: String, count: Int)] = [:]
        for (container, result) in zip(watched, results) {
            switch result {
            case .learned(let outcome):
                learned(outcome, container, facts, now: now)
                over.append(container)
            case .unfiled:
                reader.clear(container, facts, now: now)
                over.append(container)
            case .refused:
                // Its facts stay in the kernel, which keeps each once: the epoch goes on.
                container.epochBegan = now
                container.inheritanceDue = now + Self.retryPause
            case .failed(let error):
                complaints[error.description, default: (container.description.name, 0)].count += 1
                // The facts stay in the kernel; the next epoch's end tries again.
                container.epochBegan = now
                container.inheritanceDue = now + Self.retryPause
                if container.isGone { unsaved.append(container) }
            }
        }
        for (error, names) in complaints.sorted(by: { $0.key < $1.key }) {
            let others = names.count > 1 ? " and of \(names.count - 1) others" : ""
            journal.say("the profile of \(names.first)\(others) could not be saved: \(error)")
        }
        for line in keeper.takeRefusals() { journal.say(line) }
        finish(over, now: now)
    }

    /// Saved, or seen and deliberately not learned: a later relearning begins with what comes then.
    private func learned(
        _ outcome: Learner.Outcome, _ container: TrackedContainer, _ facts: RecordedFacts, now: UInt64
    ) {
        reader.clear(container, facts, now: now)
        sessions[container.path] = nil
        tables.restate(container.key)
        if outcome.newState != nil || outcome.imageChange != nil {
            tables.refresh(container.key, now: now)
            tables.show()
        }
        // Said once it is so.
        journal.tell(outcome, of: container)
    }

    /// The slots of what cannot be saved must not take the place of what can.
    private func giveUp(now: UInt64) {
        let excess = max(0, unsaved.count - Self.unsavedLimit)
        guard excess > 0 else { return }
        let oldest = Array(unsaved.prefix(excess))
        unsaved.removeFirst(excess)
        for container in oldest {
            journal.record("lost", subject: container.key, reason: "its last epoch could not be saved")
        }
        journal.say("given up: the last epochs of \(excess) containers could not be saved")
        givenUp += UInt64(excess)
        finish(oldest, now: now)
    }

    /// Begins the next epochs and gives back what is saved.
    private func finish(_ containers: [TrackedContainer], now: UInt64) {
        var slots: Set<UInt32> = []
        for container in containers {
            container.epochs += 1
            ended += 1
            container.epochBegan = now
            if !container.isGone { tables.remember(container.departed, of: container, now: now) }
            slots.formUnion(container.departed)
            container.slots.subtract(container.departed)
            container.departed = []
            inheritance.settle(container)
            // Another may be at its path by now.
            if container.isGone, inventory.containers[container.path] == nil {
                sessions[container.path] = nil
                tables.forgetTold(of: container)
            }
        }
        if !slots.isEmpty { returns.release(slots, now: now) }
    }
}
