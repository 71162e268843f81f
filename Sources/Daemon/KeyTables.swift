// SPDX-License-Identifier: Apache-2.0
import Alerts
import CEvents
import Containers
import Detection
import Events
import FoundationEssentials
import Platform
import Profiles
import Sensor

/// What follows from the profile of each key: the tables that the kernel has of it, and what the writer thread is shown.
/// Control thread.
final class KeyTables {
    let sensor: Sensor
    private let inventory: Inventory
    private let keeper: ProfileKeeper
    private let shelf: PolicyShelf
    private let board: WatchBoard
    let writer: AlertWriter
    private var keys: [String: WatchedKey] = [:]
    private var profileNumber: UInt32 = 0
    /// What is allowed where there is no profile yet.
    private let learning = CompiledPolicy.learning()
    /// Slots that have their table and were not looked at yet.
    private var fresh: Set<UInt32> = []
    /// Counters of what was told although no record told of it.
    private var told: Set<UInt64> = []
    /// What was announced of what the kernel counted for replaced programs, by their set and counter.
    var announced: [String: [UInt64: UInt64]] = [:]
    /// What programs of containers alerts on disk tell of, where programs were replaced: the container's id and the name.
    var announcedExecutables: Set<[String]> = []
    /// What an earlier daemon told of peers that the kernel, or replaced programs, still keep.
    var toldPeers = ToldPeers.none
    /// Whether the board no longer shows how things are.
    private var isDirty = true
    private var former = FormerOwners()
    /// What ran although no profile expects it.
    let executables: UnexpectedExecutables

    /// How long the first process of a service may take from its start to its cgroup.
    private static let joining: UInt64 = 1_000_000_000

    init(
        _ sensor: Sensor, _ inventory: Inventory, _ keeper: ProfileKeeper, count: UInt32, board: WatchBoard,
        writer: AlertWriter
    ) {
        self.sensor = sensor
        self.inventory = inventory
        self.keeper = keeper
        self.board = board
        self.writer = writer
        executables = UnexpectedExecutables(sensor, writer: writer)
        shelf = PolicyShelf(sensor, count: count)
        for slot in 0..<sensor.slotsUsed { if let index = sensor.policy(ofSlot: slot) { shelf.keep(index) } }
        shelf.fill(PolicyShelf.unnamed, with: PolicyBits(learning))
        shelf.fill(PolicyShelf.unwatched, with: .everything)
        sensor.setDefault(policy: PolicyShelf.unnamed)
    }

    /// Tables in use, and how often none was free.
    var counts: (used: Int, shortages: Int) { (shelf.used, shelf.shortages) }

    /// Gives up the room that the keys of many containers have taken.
    func giveBackRoom() { keys.giveBackRoom() }

    /// Takes back tables of an earlier process that nobody has any more.
    func service(now: UInt64) { shelf.sweep(now: now) }

    /// Puts back what somebody else has changed of the tables, or of which cgroup has which; says whose those are.
    func mend() -> [String] {
        let tables = Set(shelf.mend())
        var changed = keys.filter { tables.contains($0.value.index) }.map(\.key)
        if tables.contains(PolicyShelf.unnamed) { changed.append("what has no profile yet") }
        if tables.contains(PolicyShelf.unwatched) { changed.append("what is not watched") }
        for container in inventory.containers.values where container.settings.mode != .off {
            guard let state = keys[container.key] else { continue }
            for slot in container.slots {
                // A slot that has the table of what is unnamed may not have been looked at yet.
                let found = sensor.policy(ofSlot: slot)
                guard found != state.index, found != PolicyShelf.unnamed else { continue }
                sensor.publish(policy: state.index, toSlot: slot)
                changed.append(container.key)
            }
        }
        return Set(changed).sorted()
    }

    /// Gives a slot of a container the table of its key; one of nobody, or of a container that is off, everything.
    func publish(_ slot: UInt32, of container: TrackedContainer?, now: UInt64) {
        isDirty = true
        guard let container, container.settings.mode != .off else {
            return sensor.publish(policy: PolicyShelf.unwatched, toSlot: slot)
        }
        let state = state(of: container.key, now: now)
        // It was judged by that table from its first call on: nothing of it is news.
        guard state.index != PolicyShelf.unnamed || sensor.policy(ofSlot: slot) != state.index else { return }
        sensor.publish(policy: state.index, toSlot: slot)
        fresh.insert(slot)
    }

    /// Makes the tables of a key anew after its profile, or what people allowed, has changed.
    func refresh(_ key: String, now: UInt64) {
        guard let old = keys.removeValue(forKey: key) else { return }
        let fresh = state(of: key, now: now)
        for container in inventory.containers.values where container.key == key {
            give(container, fresh, wasCompared: old.standing.state == .monitoring)
        }
        if fresh.index != old.index { shelf.retire(old.index, now: now) }
        isDirty = true
    }

    /// The same for every key.
    func refreshAll(now: UInt64) { for key in Array(keys.keys) { refresh(key, now: now) } }

    /// Brings what alerts say of a profile up to date, after an epoch.
    func restate(_ key: String) {
        isDirty = true
        guard var state = keys[key] else { return }
        let now = Date()
        (state.standing, state.maturity) = keeper.standing(key, now: now)
        state.sessions = sessions(of: key, now: now)
        keys[key] = state
    }

    /// Tells of executables that ran in monitored containers, that are not expected and of which no record told. Called
    /// every second; the last time with `isLast`.
    func tellExecutables(now: UInt64, isLast: Bool = false) {
        executables.service(now: now, isLast: isLast) { slot in
            let place = place(ofSlot: slot)
            return inventory.container(at: place).flatMap { watched($0, now: now) }.map { (place, $0) }
        }
    }

    /// The same for a container that has ended.
    func tellLastExecutables(of container: TrackedContainer, now: UInt64) {
        guard let entry = watched(container, now: now) else { return }
        executables.service(now: now, isLast: true) { slot in
            container.slots.contains(slot) ? (place(ofSlot: slot), entry) : nil
        }
    }

    private func watched(_ container: TrackedContainer, now: UInt64) -> WatchBoard.Entry? {
        guard container.settings.mode != .off else { return nil }
        let state = state(of: container.key, now: now)
        return state.standing.state == .monitoring ? entry(of: container, state) : nil
    }

    /// Takes back the tables of a key that no container has any more.
    func forgetKey(of container: TrackedContainer, now: UInt64) {
        isDirty = true
        guard !inventory.containers.values.contains(where: { $0.key == container.key }),
            let old = keys.removeValue(forKey: container.key)
        else { return }
        shelf.retire(old.index, now: now)
    }

    /// Forgets what was told of sub-slots that others will have.
    func forget(subs: Set<UInt32>) {
        executables.forget(subs)
        told = told.filter { !subs.contains(FindingMaker.sub(ofCounter: $0)) }
        isDirty = true
    }

    /// Something that the writer thread is shown has changed.
    func showAgain() { isDirty = true }

    /// Shows the writer thread whose each slot is, if anything has changed.
    func show() {
        let now = BootClock.nanoseconds
        guard former.expire(now: now) || isDirty else { return }
        attendFresh()
        isDirty = false
        var owners = former.owners
        for container in inventory.containers.values {
            let entry = entry(of: container, state(of: container.key, now: now))
            for slot in container.slots { owners[place(ofSlot: slot)] = .container(entry) }
        }
        for slot in inventory.ignoredSlots { owners[place(ofSlot: slot)] = .nobody }
        board.show(owners)
    }

    /// Keeps whose slots are that are about to be given back: a container's, or nobody's.
    func remember(_ slots: Set<UInt32>, of container: TrackedContainer?, now: UInt64) {
        isDirty = true
        let owner = container.map {
            WatchBoard.Owner.container(entry(of: $0, state(of: $0.key, now: now)))
        }
        former.add(slots.map { place(ofSlot: $0) }, owner ?? .nobody, now: now)
    }

    /// A slot with the cgroup that has it now; it is the control thread that gives slots on.
    func place(ofSlot slot: UInt32) -> WatchBoard.Place {
        WatchBoard.Place(slot: slot, cgroupID: sensor.cgroup(ofSlot: slot) ?? 0)
    }

    /// Looks at the executables of every slot that got a table since the last time, all in one pass.
    private func attendFresh() {
        guard !fresh.isEmpty else { return }
        let now = BootClock.nanoseconds
        attend(fresh) { [self] slot in
            inventory.container(at: place(ofSlot: slot)).map { ($0, state(of: $0.key, now: now)) }
        }
        fresh = []
    }

    func state(of key: String, now: UInt64) -> WatchedKey {
        if let known = keys[key] { return known }
        let date = Date()
        let compiled = keeper.profiles[key] == nil ? learning : keeper.compiled(key, now: date)
        let index = index(of: key, compiled, now: now)
        let standing = keeper.standing(key, now: date)
        let state = WatchedKey(
            index: index, compiled: compiled, standing: standing.standing, maturity: standing.maturity,
            sessions: sessions(of: key, now: date))
        keys[key] = state
        return state
    }

    /// A table of its own, once there is a profile: until then all do with the one of what nobody has named.
    private func index(of key: String, _ compiled: CompiledPolicy, now: UInt64) -> UInt32 {
        guard keeper.profiles[key] != nil else { return PolicyShelf.unnamed }
        profileNumber &+= 1
        return shelf.make(PolicyBits(compiled, families: keeper.families(key)), profile: profileNumber, now: now)
            ?? PolicyShelf.unnamed
    }

    private func sessions(of key: String, now: Date) -> [ProfileProbe] {
        (keeper.profiles[key]?.knownProbes ?? []) + keeper.allowedSessions(key, now: now)
    }

    private func give(_ container: TrackedContainer, _ state: WatchedKey, wasCompared: Bool) {
        guard container.settings.mode != .off else { return }
        for slot in container.slots { sensor.publish(policy: state.index, toSlot: slot) }
        attend(container.slots, wasCompared: wasCompared) { _ in (container, state) }
    }

    /// Tells the kernel which executables of slots are expected, and which did what is not allowed; and the writer thread
    /// what was done before the kernel had this table: of that no record tells. Where another table was compared until now
    /// (`wasCompared`), that was judged by it: what people allowed for a time stays right after that time.
    private func attend(
        _ slots: Set<UInt32>, wasCompared: Bool = false, owner: (UInt32) -> (TrackedContainer, WatchedKey)?
    ) {
        var counted: Set<UInt64>?
        for index in sensor.subIndices {
            guard let slot = sensor.slot(ofSub: index), slots.contains(slot), let sub = sensor.sub(at: index),
                let (container, state) = owner(slot)
            else { continue }
            let compiled = state.compiled
            let isExpected = !sub.isOther && (compiled.executables?.contains(sub.executableName) ?? true)
            executables.expect(index, isExpected, wasCompared: wasCompared)
            let deviations = compiled.deviations(of: sub)
            sensor.markDeviant(sub: index, !deviations.isEmpty)
            guard state.standing.state == .monitoring, !wasCompared, !deviations.isEmpty else { continue }
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

    func entry(of container: TrackedContainer, _ state: WatchedKey) -> WatchBoard.Entry {
        WatchBoard.Entry(
            container: AlertContainer(container.description, posture: container.headlines), standing: state.standing,
            maturity: state.maturity,
            executables: state.compiled.executables ?? [], abis: Set(state.compiled.workload.keys),
            probes: state.sessions, peers: state.compiled.peers, start: start(of: container),
            isWatched: container.settings.mode != .off)
    }

    /// When the first of its cgroups was seen; 0 if it has tasks that are older than the capture.
    private func start(of container: TrackedContainer) -> UInt64 {
        if let known = container.start, known.slots == container.slots { return known.time }
        let time = firstSeen(container)
        container.start = (container.slots, time)
        return time
    }

    private func firstSeen(_ container: TrackedContainer) -> UInt64 {
        let slots = container.slots.compactMap { sensor.slot(at: $0) }
        if slots.contains(where: { $0.has(UInt32(RF_SLOT_LATE)) }) { return 0 }
        let first = slots.map(\.firstSeenNanoseconds).min() ?? 0
        // A service manager forks and its child joins the cgroup: the service's first process is older than the cgroup's
        // first task, and no shim stands between.
        return container.role == .container ? first : first - min(first, Self.joining)
    }
}
