// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import Sensor

/// Compares the kernel's tables of executions and credentials with the profiles: a known executable that one executes that
/// never did, a user or capabilities that nobody had. Each is told once for a container. Control thread.
final class ExecutionWatch {
    private let sensor: Sensor
    private let inventory: Inventory
    private let tables: KeyTables
    private let board: WatchBoard
    /// What was looked at, with when it was seen last.
    private var known: [Key: UInt64] = [:]
    private var table: TableLook
    private var lostEdges = ContainerLosses()
    private var lostCredentials = ContainerLosses()

    /// An entry of either table, as long as the slot is one cgroup's.
    private struct Key: Hashable {
        let slot: UInt32
        let first: UInt64
        let what: What

        enum What: Hashable {
            case edge(parent: UInt32, child: UInt32)
            case credentials(uid: UInt32, CapabilitySet, isInner: Bool, isSession: Bool)
        }
    }

    /// Between two looks for what is done again, nanoseconds.
    private static let round: UInt64 = 60_000_000_000

    init(_ sensor: Sensor, _ inventory: Inventory, tables: KeyTables, board: WatchBoard) {
        self.sensor = sensor
        self.inventory = inventory
        self.tables = tables
        self.board = board
        table = TableLook(round: Self.round) { sensor.executionCounts(ofSlot: $0).kept }
    }

    /// Takes the record of a first time.
    func take(_ record: Record, now: UInt64) { table.take(record, now: now) }

    /// Notes that these slots will be given back.
    func leave(_ slots: Set<UInt32>) { table.leave(slots) }

    /// When `service` has something to do, nanoseconds of CLOCK_BOOTTIME; nil if nothing waits.
    var deadline: UInt64? { table.deadline }

    /// Looks at the tables where that is due; once more at all of them if this `isLast`.
    func service(now: UInt64, isLast: Bool = false) {
        guard sensor.watchesExecutions, table.begin(inventory.slots, now: now, isLast: isLast) else { return }
        let owners = board.current
        let maker = FindingMaker(sensor, now: .now)
        var fresh: [Key: UInt64] = [:]
        for fact in ExecutionFact.all(sensor.edges(), sensor.credentials()) where fact.isJudged {
            // Whoever has no name yet is judged when it has one.
            guard case .container(let entry)? = owners[tables.place(ofSlot: fact.slot)], entry.isWatched else {
                continue
            }
            let key = Self.key(of: fact)
            if fact.lastNanoseconds > known[key] ?? 0, entry.isMonitored {
                if known[key] == nil, table.waits(forSlot: fact.slot, first: fact.firstNanoseconds) { continue }
                let record = table.record(ofSlot: fact.slot, first: fact.firstNanoseconds)
                tables.tell(fact, record, entry, maker) { sensor.sub(at: $0) }
            }
            fresh[key] = fact.lastNanoseconds
        }
        known = fresh
        table.end()
    }

    /// Executions in containers that found no room in the table since that was told last, at most once a minute each.
    func takeEdgeLosses() -> [(container: TrackedContainer, lost: UInt64)] {
        inventory.take(&lostEdges) { sensor.executionCounts(ofSlot: $0).lostEdges }
    }

    /// The same of sights of credentials.
    func takeCredentialLosses() -> [(container: TrackedContainer, lost: UInt64)] {
        inventory.take(&lostCredentials) { sensor.executionCounts(ofSlot: $0).lostCredentials }
    }

    private static func key(of fact: ExecutionFact) -> Key {
        let what: Key.What =
            switch fact {
            case .edge(let edge): .edge(parent: edge.parent, child: edge.child)
            case .credentials(let seen):
                .credentials(
                    uid: seen.uid, seen.effective, isInner: seen.isInUserNamespace, isSession: seen.isSession)
            }
        return Key(slot: fact.slot, first: fact.firstNanoseconds, what: what)
    }
}
