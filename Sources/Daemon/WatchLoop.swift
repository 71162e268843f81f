// SPDX-License-Identifier: Apache-2.0
import Alerts
import CEvents
import Containers
import Detection
import Events
import FoundationEssentials
import Platform
import Profiles
import Recorder
import Sensor

/// What the control thread does with containers: finds and names them, ends their epochs, gives them the tables of their
/// profiles, and gives back what is gone.
final class WatchLoop {
    let sensor: Sensor
    let inventory: Inventory
    let keeper: ProfileKeeper
    let journal: DaemonJournal
    private let shelf: PolicyShelf
    private let epochs: EpochReader
    private let board: WatchBoard
    private let writer: AlertWriter
    private var policies: [String: WatchedKey] = [:]
    /// Containers that are gone and whose last epoch could not be saved: their facts stay in the kernel until it can.
    private var unsaved: [TrackedContainer] = []
    private var nextTry: UInt64 = 0
    /// Counters of what was told although no record told of it.
    private var told: Set<UInt64> = []
    private var releasedSubs: Set<UInt32> = []
    private var sessions: [String: [LearningEpoch.Session]] = [:]
    private var profileNumber: UInt32 = 0
    private var isDirty = true
    /// Epochs of containers that are over and saved.
    private(set) var epochsEnded: UInt64 = 0

    /// Sessions remembered for one container in one epoch; a health check a second makes this many in an epoch of a minute.
    private static let sessionLimit = 64
    /// How long a record may take from the kernel to the writer thread.
    private static let recordPatience: UInt64 = 500_000_000
    /// How long the first process of a service may take from its start to its cgroup.
    private static let joining: UInt64 = 1_000_000_000
    /// Containers that are gone and may wait for their last epoch to be saved.
    private static let unsavedLimit = 256
    /// Epochs that are ended in one round: each is saved with fsync, and others wait meanwhile.
    private static let endsAtOnce = 16
    /// Cgroups of one container that may wait to be given back before its epoch is ended early.
    private static let departedLimit = 64

    init(
        _ sensor: Sensor, _ inventory: Inventory, _ keeper: ProfileKeeper, policies: UInt32, board: WatchBoard,
        writer: AlertWriter, journal: DaemonJournal
    ) {
        self.sensor = sensor
        self.inventory = inventory
        self.keeper = keeper
        self.board = board
        self.writer = writer
        self.journal = journal
        shelf = PolicyShelf(sensor, count: policies)
        epochs = EpochReader(sensor)
        for slot in 0..<sensor.slotsUsed { if let index = sensor.policy(ofSlot: slot) { shelf.keep(index) } }
        shelf.fill(PolicyShelf.unnamed, with: PolicyBits(CompiledPolicy.learning()))
        shelf.fill(PolicyShelf.unwatched, with: .everything)
        sensor.setDefault(policy: PolicyShelf.unnamed)
    }

    /// Tables in use, and how often none was free.
    var tables: (used: Int, shortages: Int) { (shelf.used, shelf.shortages) }

    /// Takes what the writer thread passed on.
    func take(_ record: Record, now: UInt64) {
        for change in inventory.see(record, now: now) { apply(change, now: now) }
    }

    /// Notes that an exec session ran a program.
    func noteSession(slot: UInt32, executable: String, arguments: [String]) {
        guard let container = inventory.container(ofSlot: slot) else { return }
        var seen = sessions[container.path] ?? []
        guard seen.count < Self.sessionLimit else { return }
        let session = LearningEpoch.Session(executable: executable, arguments: arguments, executables: [executable])
        if !seen.contains(session) { seen.append(session) }
        sessions[container.path] = seen
    }

    /// Does what is due: new slots, names, epochs that are over.
    func service(now: UInt64) {
        for change in inventory.service(sensor, now: now) { apply(change, now: now) }
        endEpochs(now: now)
        saveAgain(now: now)
        show()
    }

    /// When `service` has something to do, nanoseconds of CLOCK_BOOTTIME.
    func deadline(now: UInt64) -> UInt64 {
        let ends = inventory.containers.values.map { $0.epochBegan + epochNanoseconds }
        return min(inventory.deadline ?? .max, ends.min() ?? .max, now + 1_000_000_000)
    }

    /// Ends every epoch, before the daemon does.
    func endAll(now: UInt64) {
        end(Array(inventory.containers.values), now: now)
    }

    /// Makes the tables of a key anew after its profile, or what people allowed, has changed.
    func refresh(_ key: String, now: UInt64) {
        guard let old = policies.removeValue(forKey: key) else { return }
        let fresh = state(of: key, now: now)
        for container in inventory.containers.values where container.key == key { give(container, fresh) }
        if fresh.index != old.index { shelf.retire(old.index, now: now) }
        isDirty = true
    }

    /// The same for every key.
    func refreshAll(now: UInt64) { for key in Array(policies.keys) { refresh(key, now: now) } }

    private func apply(_ change: Inventory.Change, now: UInt64) {
        isDirty = true
        switch change {
        case .appeared(let container):
            journal.started(container)
            for complaint in container.settings.complaints {
                journal.say("\(container.description.name): \(complaint)")
            }
        case .joined(let slot, let container):
            guard container.settings.mode != .off else {
                return sensor.publish(policy: PolicyShelf.unwatched, toSlot: slot)
            }
            let state = state(of: container.key, now: now)
            sensor.publish(policy: state.index, toSlot: slot)
            attend([slot], of: container, state)
        case .ignored(let slot): sensor.publish(policy: PolicyShelf.unwatched, toSlot: slot)
        case .ended(let container):
            journal.ended(container)
            end([container], now: now)
            if !container.slots.isEmpty { unsaved.append(container) }
            epochs.forget(container)
            sessions[container.path] = nil
            forgetKey(of: container, now: now)
        case .released(let slot): release(slot)
        }
    }

    /// Takes back the tables of a key that no container has any more.
    private func forgetKey(of container: TrackedContainer, now: UInt64) {
        guard !inventory.containers.values.contains(where: { $0.key == container.key }),
            let old = policies.removeValue(forKey: container.key)
        else { return }
        shelf.retire(old.index, now: now)
    }

    /// Gives a slot back, and forgets what was counted for its executables: others will have their places.
    private func release(_ slot: UInt32) {
        guard let subs = sensor.release(slot: slot) else { return }
        told = told.filter { !subs.contains(FindingMaker.sub(ofCounter: $0)) }
        releasedSubs.formUnion(subs)
        writer.inbox.send(.released(subs))
    }

    /// Sub-slots that were given back since this was asked last.
    func takeReleasedSubs() -> Set<UInt32> {
        defer { releasedSubs = [] }
        return releasedSubs
    }

    private func state(of key: String, now: UInt64) -> WatchedKey {
        if let known = policies[key] { return known }
        let date = Date()
        let compiled = keeper.compiled(key, now: date)
        profileNumber &+= 1
        let index =
            shelf.make(PolicyBits(compiled, families: keeper.families(key)), profile: profileNumber, now: now)
            ?? PolicyShelf.unnamed
        let standing = keeper.standing(key, now: date)
        let state = WatchedKey(
            index: index, compiled: compiled, standing: standing.standing, maturity: standing.maturity,
            sessions: sessions(of: key, now: date))
        policies[key] = state
        return state
    }

    private func sessions(of key: String, now: Date) -> [ProfileProbe] {
        (keeper.profiles[key]?.knownProbes ?? []) + keeper.allowedSessions(key, now: now)
    }

    /// Brings what alerts say of a profile up to date, after an epoch.
    private func restate(_ key: String) {
        guard var state = policies[key] else { return }
        let now = Date()
        (state.standing, state.maturity) = keeper.standing(key, now: now)
        state.sessions = sessions(of: key, now: now)
        policies[key] = state
        isDirty = true
    }

    private func give(_ container: TrackedContainer, _ state: WatchedKey) {
        guard container.settings.mode != .off else { return }
        for slot in container.slots { sensor.publish(policy: state.index, toSlot: slot) }
        attend(container.slots, of: container, state)
    }

    /// Tells the kernel which executables of slots are expected, and which did what is not allowed; and the writer thread
    /// what was done before the kernel had this table: of that no record tells.
    private func attend(_ slots: Set<UInt32>, of container: TrackedContainer, _ state: WatchedKey) {
        let compiled = state.compiled
        var counted: Set<UInt64>?
        for index in sensor.subIndices {
            guard let slot = sensor.slot(ofSub: index), slots.contains(slot), let sub = sensor.sub(at: index)
            else { continue }
            sensor.expect(sub: index, !sub.isOther && (compiled.executables?.contains(sub.executableName) ?? true))
            let deviations = compiled.deviations(of: sub)
            sensor.markDeviant(sub: index, !deviations.isEmpty)
            guard state.standing.state == .monitoring, !deviations.isEmpty else { continue }
            let known = counted ?? Set(sensor.deviations().map { FindingMaker.counter($0) })
            counted = known
            tell(deviations.filter { !known.contains(FindingMaker.counter($0)) }, by: sub, of: container, state)
        }
    }

    private func tell(
        _ deviations: [Sensor.Deviation], by sub: SubSnapshot, of container: TrackedContainer, _ state: WatchedKey
    ) {
        let maker = FindingMaker(sensor, now: .now)
        let entry = entry(of: container, state)
        for deviation in deviations {
            let counter = FindingMaker.counter(deviation)
            guard told.insert(counter).inserted else { continue }
            writer.inbox.send(
                .reading(counter: counter, total: 1, finding: maker.deviation(deviation, sub, counter, entry)))
        }
    }

    /// The length of an epoch: the same for all.
    private var epochNanoseconds: UInt64 { UInt64(keeper.rule.epochSeconds) * 1_000_000_000 }

    private func endEpochs(now: UInt64) {
        let due = inventory.containers.values.filter {
            now >= $0.epochBegan + epochNanoseconds || $0.departed.count > Self.departedLimit
        }
        if !due.isEmpty { end(Array(due.sorted { $0.epochBegan < $1.epochBegan }.prefix(Self.endsAtOnce)), now: now) }
    }

    private func end(_ containers: [TrackedContainer], now: UInt64) {
        let facts = epochs.read(slots: containers.reduce(into: Set<UInt32>()) { $0.formUnion($1.slots) })
        let isComplete = !epochs.hasLost(facts)
        for container in containers.sorted(by: { $0.found < $1.found }) {
            end(container, facts, isComplete: isComplete, now: now)
        }
    }

    private func end(_ container: TrackedContainer, _ facts: RecordedFacts, isComplete: Bool, now: UInt64) {
        let date = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.up))
        let epoch = LearningEpoch(
            instance: container.description.id, startsInstance: container.epochs == 0, isComplete: isComplete,
            sessions: sessions[container.path] ?? [])
        guard container.settings.mode != .off else { return finish(container, now: now) }
        let observation = epochs.observation(of: container, in: facts, end: date)
        do {
            let outcome = try keeper.observe(
                observation, epoch: epoch, rule: container.rule(from: keeper.rule),
                probe: container.description.healthcheck, now: date)
            // Saved, or seen and deliberately not learned: a later relearning begins with what comes then.
            epochs.clear(container, facts)
            sessions[container.path] = nil
            restate(container.key)
            if outcome.newState != nil || outcome.imageChange != nil {
                refresh(container.key, now: now)
                show()
            }
            // Said once it is so.
            journal.tell(outcome, of: container)
        } catch {
            // The facts stay in the kernel; the next epoch's end tries again.
            journal.say("the profile of \(container.description.name) could not be saved: \(error.description)")
            container.epochBegan = now
            return
        }
        finish(container, now: now)
    }

    /// Tries to save what could not be saved, every few seconds.
    private func saveAgain(now: UInt64) {
        guard !unsaved.isEmpty, now >= nextTry else { return }
        nextTry = now + 5_000_000_000
        let waiting = unsaved
        unsaved = []
        end(waiting, now: now)
        unsaved = waiting.filter { !$0.slots.isEmpty }
        // The slots of what cannot be saved must not take the place of what can.
        while unsaved.count > Self.unsavedLimit {
            let oldest = unsaved.removeFirst()
            journal.record("lost", subject: oldest.key, reason: "its last epoch could not be saved")
            journal.say("given up: the last epoch of \(oldest.description.name) could not be saved")
            finish(oldest, now: now)
        }
    }

    /// Containers whose records found no room in the ring since this was asked last, and how many.
    func takeDrops() -> [(container: TrackedContainer, dropped: UInt64)] {
        inventory.containers.values.compactMap { container in
            let dropped = container.slots.reduce(0) { $0 + sensor.dropped(ofSlot: $1) }
            defer { container.dropped = dropped }
            return dropped > container.dropped ? (container, dropped - container.dropped) : nil
        }
    }

    /// Begins the next epoch and gives back what is saved.
    private func finish(_ container: TrackedContainer, now: UInt64) {
        container.epochs += 1
        epochsEnded += 1
        container.epochBegan = now
        for slot in container.departed {
            release(slot)
            container.slots.remove(slot)
        }
        container.departed = []
        isDirty = true
    }

    /// Shows the writer thread whose each slot is, if anything has changed.
    private func show() {
        guard isDirty else { return }
        isDirty = false
        let now = BootClock.nanoseconds
        var owners: [UInt32: WatchBoard.Owner] = [:]
        for container in inventory.containers.values {
            let entry = entry(of: container, state(of: container.key, now: now))
            for slot in container.slots { owners[slot] = .container(entry) }
        }
        for slot in inventory.ignoredSlots { owners[slot] = .nobody }
        board.show(owners)
    }

    private func entry(of container: TrackedContainer, _ state: WatchedKey) -> WatchBoard.Entry {
        WatchBoard.Entry(
            container: AlertContainer(container.description), standing: state.standing, maturity: state.maturity,
            executables: state.compiled.executables ?? [], probes: state.sessions, start: start(of: container),
            isWatched: container.settings.mode != .off)
    }

    /// When the first of its cgroups was seen; 0 if it has tasks that are older than the capture.
    private func start(of container: TrackedContainer) -> UInt64 {
        let slots = container.slots.compactMap { sensor.slot(at: $0) }
        if slots.contains(where: { $0.has(UInt32(RF_SLOT_LATE)) }) { return 0 }
        let first = slots.map(\.firstSeenNanoseconds).min() ?? 0
        // A service manager forks and its child joins the cgroup: the service's first process is older than the cgroup's
        // first task, and no shim stands between.
        return container.role == .container ? first : first - min(first, Self.joining)
    }

    /// Passes the kernel's counters to the writer thread: counts become exact, and what no record told of is told. `isLast`
    /// if there will be no other time.
    func passReadings(_ last: inout [UInt64: UInt64], maker: FindingMaker, isLast: Bool = false) {
        let now = BootClock.nanoseconds
        for deviation in sensor.deviations() {
            let counter = FindingMaker.counter(deviation)
            guard last[counter] != deviation.count else { continue }
            // Its record may be on its way, and knows more.
            if !isLast, last[counter] == nil, now < deviation.firstNanoseconds + Self.recordPatience { continue }
            guard let slot = sensor.slot(ofSub: deviation.sub), let sub = sensor.sub(at: deviation.sub),
                let owner = board.current[slot]
            else { continue }
            // Whoever has no name yet is told of when it has one.
            last[counter] = deviation.count
            guard case .container(let entry) = owner, entry.isWatched else { continue }
            writer.inbox.send(
                .reading(
                    counter: counter, total: deviation.count, finding: maker.deviation(deviation, sub, counter, entry)))
        }
    }
}
