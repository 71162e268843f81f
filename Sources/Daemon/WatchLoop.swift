// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Events
import Platform
import Profiles
import Recorder
import Sensor

/// What the control thread does with containers: finds and names them, and has their epochs ended, their tables made and
/// what is gone given back.
final class WatchLoop {
    let sensor: Sensor
    let inventory: Inventory
    let keeper: ProfileKeeper
    let journal: DaemonJournal
    let tables: KeyTables
    let epochs: EpochLoop
    let peers: PeerWatch
    let postures: PostureBook
    let unexpected: UnexpectedContainers
    let executions: ExecutionWatch
    private let returns: SlotReturns
    private let inheritance: Inheritance
    private let board: WatchBoard
    private let writer: AlertWriter
    private let boot: String

    /// How long a record may take from the kernel to the writer thread.
    private static let recordPatience: UInt64 = 500_000_000

    init(
        _ sensor: Sensor, _ inventory: Inventory, _ keeper: ProfileKeeper, policies: UInt32, board: WatchBoard,
        writer: AlertWriter, names: NameBook, journal: DaemonJournal, boot: String, unexpected: UnexpectedContainers,
        weights: RiskWeights
    ) {
        self.sensor = sensor
        self.inventory = inventory
        self.keeper = keeper
        self.board = board
        self.writer = writer
        self.boot = boot
        self.journal = journal
        self.unexpected = unexpected
        postures = PostureBook(PostureReader(hierarchy: inventory.hierarchy), weights: weights)
        tables = KeyTables(sensor, inventory, keeper, count: policies, board: board, writer: writer)
        peers = PeerWatch(sensor, inventory, tables: tables, board: board, writer: writer, names: names)
        executions = ExecutionWatch(sensor, inventory, tables: tables, board: board)
        returns = SlotReturns(sensor, tables: tables, writer: writer)
        inheritance = Inheritance(sensor.predecessors)
        epochs = EpochLoop(
            sensor, inventory, keeper, tables: tables, returns: returns, inheritance: inheritance, journal: journal,
            boot: boot, names: names)
    }

    /// Takes what the writer thread passed on.
    func take(_ record: Record, now: UInt64) {
        for change in inventory.see(record, now: now) { apply(change, now: now) }
    }

    /// Notes that an exec session ran a program.
    func noteSession(in place: WatchBoard.Place, executable: String, arguments: [String]) {
        guard let container = inventory.container(at: place) else { return }
        epochs.noteSession(of: container, executable: executable, arguments: arguments)
    }

    /// Does what is due: new slots, names, epochs that are over.
    func service(now: UInt64) {
        for change in inventory.service(sensor, now: now) { apply(change, now: now) }
        inherit(now: now)
        tables.service(now: now)
        // The writer thread waits for the names of what it has records of; saving takes its time.
        tables.show()
        lookAtPostures(now: now)
        // Before slots are given back.
        peers.service(now: now)
        executions.service(now: now)
        epochs.service(now: now)
        tables.show()
    }

    /// Reads what containers were given, and tells of those that nobody has approved.
    private func lookAtPostures(now: UInt64) {
        if postures.service(now: now) { tables.showAgain() }
        for finding in unexpected.service(now: .now) { tell(finding) }
    }

    private func tell(_ finding: Finding) {
        journal.record(
            finding.rule.rawValue, subject: finding.item.name, reason: finding.detail ?? finding.container.name)
        writer.inbox.send(.finding(finding))
        writer.wake()
    }

    /// Counts risks by other weights from now on.
    func weigh(by weights: RiskWeights) {
        postures.weigh(inventory.containers.values, by: weights)
        tables.showAgain()
    }

    /// Ends every epoch, before the daemon does.
    func endAll(now: UInt64) {
        inherit(now: now, isLast: true)
        epochs.endAll(now: now)
    }

    /// Gives what replaced programs kept to the containers that it is of. Their epochs end at once, so that what they
    /// inherited is saved together with what the programs at work have seen: what both have seen is one fact of one epoch.
    private func inherit(now: UInt64, isLast: Bool = false) {
        guard !inheritance.isSettled else { return }
        let (heirs, changes) = inheritance.hand(to: inventory, now: now, isLast: isLast)
        for (container, inherited) in heirs { tables.tell(inherited, of: container, now: now) }
        for change in changes { apply(change, now: now) }
    }

    /// When `service` has something to do, nanoseconds of CLOCK_BOOTTIME.
    func deadline(now: UInt64) -> UInt64 {
        min(
            inventory.deadline ?? .max, epochs.deadline ?? .max, peers.deadline ?? .max,
            executions.deadline ?? .max, postures.deadline ?? .max, now + 1_000_000_000)
    }

    private func apply(_ change: Inventory.Change, now: UInt64) {
        switch change {
        case .appeared(let container):
            container.losses = sensor.losses
            journal.started(container)
            postures.add(container)
            unexpected.add(container)
            for complaint in container.settings.complaints {
                journal.say("\(container.description.name): \(complaint)")
            }
            if let lack = keeper.lack(of: container) { journal.say("\(container.description.name): \(lack)") }
        case .joined(let slot, let container):
            // An epoch that an earlier daemon began goes on.
            if container.epochs == 0, let slot = sensor.slot(at: slot), slot.epochNanoseconds > 0 {
                let saved = keeper.takenUntil(of: slot.cgroupID, in: container.key, boot: boot)
                container.epochBegan = min(container.epochBegan, max(slot.epochNanoseconds, saved))
            }
            tables.publish(slot, of: container, now: now)
        case .ignored(let slot): tables.publish(slot, of: nil, now: now)
        case .ended(let container):
            journal.ended(container)
            if unexpected.inventory != nil {
                _ = postures.posture(of: container)
                if let finding = unexpected.end(container, now: .now) { tell(finding) }
            }
            tables.tellLastExecutables(of: container, now: now)
            tables.remember(container.slots, of: container, now: now)
            peers.leave(container.slots)
            executions.leave(container.slots)
            epochs.endLast(container)
            tables.forgetKey(of: container, now: now)
        case .released(let slot):
            tables.remember([slot], of: nil, now: now)
            returns.release([slot], now: now)
        }
    }

    /// Sub-slots that were given back since this was asked last.
    func takeReleasedSubs() -> Set<UInt32> { returns.takeSubs() }

    /// Containers whose records found no room in the ring since this was asked last, and how many.
    func takeDrops() -> [(container: TrackedContainer, dropped: UInt64)] {
        inventory.containers.values.compactMap { container in
            let dropped = container.slots.reduce(0) { $0 + sensor.dropped(ofSlot: $1) }
            defer { container.dropped = dropped }
            return dropped > container.dropped ? (container, dropped - container.dropped) : nil
        }
    }

    /// Passes the kernel's counters to the writer thread: counts become exact, and what no record told of is told. `isLast`
    /// if there will be no other time.
    func passReadings(_ last: inout [UInt64: UInt64], maker: FindingMaker, isLast: Bool = false) {
        let now = BootClock.nanoseconds
        let owners = board.current
        for deviation in sensor.deviations() {
            let counter = FindingMaker.counter(deviation)
            guard last[counter] != deviation.count else { continue }
            // Its record may be on its way, and knows more.
            if !isLast, last[counter] == nil, now < deviation.firstNanoseconds + Self.recordPatience { continue }
            guard let slot = sensor.slot(ofSub: deviation.sub), let sub = sensor.sub(at: deviation.sub),
                let owner = owners[tables.place(ofSlot: slot)]
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
