// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import Platform
import Profiles
import Sensor

/// Compares the kernel's tables of executions and credentials with the profiles: a known executable that one executes that
/// never did, a user or capabilities that nobody had. Each is told once for a container. Control thread.
final class ExecutionWatch {
    private let sensor: Sensor
    private let inventory: Inventory
    private let tables: KeyTables
    private let board: WatchBoard
    private let writer: AlertWriter
    /// What was looked at, with when it was seen last.
    private var edges: [EdgeKey: UInt64] = [:]
    private var credentials: [CredentialKey: UInt64] = [:]
    /// Entries that each slot kept then.
    private var kept: [UInt32: UInt32] = [:]
    /// Records of first times, oldest first.
    private var stories: [Record] = []
    /// When the tables are looked at next, if anything is new; and in any case.
    private var nextLook: UInt64 = 0
    private var nextRound: UInt64 = 0
    /// Whether a new entry was left for its record to come.
    private var isWaiting = false
    /// Slots that will be given back: what of them is not told now, nobody will tell.
    private var leaving: Set<UInt32> = []

    private struct EdgeKey: Hashable {
        let slot: UInt32
        let parent: UInt32
        let child: UInt32
        let first: UInt64
    }

    private struct CredentialKey: Hashable {
        let slot: UInt32
        let uid: UInt32
        let effective: CapabilitySet
        let isInner: Bool
        let first: UInt64
    }

    /// How long a record may take from the kernel to the writer thread.
    private static let recordPatience: UInt64 = 2_000_000_000
    /// Between two looks: when a record came, when something is new, and for what is done again.
    private static let quickly: UInt64 = 50_000_000
    private static let second: UInt64 = 1_000_000_000
    private static let round: UInt64 = 60_000_000_000
    private static let storyLimit = 4096

    init(
        _ sensor: Sensor, _ inventory: Inventory, tables: KeyTables, board: WatchBoard, writer: AlertWriter
    ) {
        self.sensor = sensor
        self.inventory = inventory
        self.tables = tables
        self.board = board
        self.writer = writer
    }

    /// Takes the record of a first time.
    func take(_ record: Record, now: UInt64) {
        // Beyond the limit the table's entry is told without its process's parents.
        if stories.count < Self.storyLimit { stories.append(record) }
        nextLook = min(nextLook, now + Self.quickly)
    }

    /// Notes that these slots will be given back.
    func leave(_ slots: Set<UInt32>) {
        guard isWaiting || slots.contains(where: { sensor.executionCounts(ofSlot: $0).kept != kept[$0] ?? 0 }) else {
            return
        }
        leaving.formUnion(slots)
    }

    /// When `service` has something to do, nanoseconds of CLOCK_BOOTTIME; nil if nothing waits.
    var deadline: UInt64? { stories.isEmpty ? nil : nextLook }

    /// Looks at the tables where that is due; once more at all of them if this `isLast`.
    func service(now: UInt64, isLast: Bool = false) {
        guard sensor.watchesExecutions, isLast || now >= nextLook || !leaving.isEmpty else { return }
        nextLook = now + Self.second
        guard isLast || !stories.isEmpty || !leaving.isEmpty || isWaiting || now >= nextRound || hasGrown else {
            return
        }
        nextRound = now + Self.round
        look(now, isLast)
    }

    private var hasGrown: Bool {
        inventory.containers.values.contains { container in
            container.slots.contains { sensor.executionCounts(ofSlot: $0).kept != kept[$0] ?? 0 }
        }
    }

    private func look(_ now: UInt64, _ isLast: Bool) {
        isWaiting = false
        kept = [:]
        for slot in inventory.containers.values.flatMap(\.slots) {
            kept[slot] = sensor.executionCounts(ofSlot: slot).kept
        }
        var records: [UInt32: [UInt64: Record]] = [:]
        for record in stories {
            if let slot = record.slot { records[slot, default: [:]][record.timeNanoseconds] = record }
        }
        stories = []
        let owners = board.current
        let maker = FindingMaker(sensor, now: .now)
        var freshEdges: [EdgeKey: UInt64] = [:]
        var freshCredentials: [CredentialKey: UInt64] = [:]
        func entry(ofSlot slot: UInt32) -> WatchBoard.Entry? {
            // Whoever has no name yet is judged when it has one.
            guard case .container(let entry)? = owners[tables.place(ofSlot: slot)], entry.isWatched else { return nil }
            return entry
        }
        /// Whether its record may be on its way, and knows more.
        func waits(_ slot: UInt32, _ first: UInt64, _ record: Record?) -> Bool {
            record == nil && !isLast && !leaving.contains(slot) && now < first + Self.recordPatience
        }
        for edge in sensor.edges() where !edge.isSession {
            guard let entry = entry(ofSlot: edge.slot) else { continue }
            let key = EdgeKey(
                slot: edge.slot, parent: edge.parent, child: edge.child, first: edge.firstNanoseconds)
            let record = records[edge.slot]?[edge.firstNanoseconds]
            if edge.lastNanoseconds > edges[key] ?? 0, entry.isMonitored {
                if edges[key] == nil, waits(edge.slot, edge.firstNanoseconds, record) {
                    isWaiting = true
                    continue
                }
                tables.tell(edge, record, entry, maker) { sensor.sub(at: $0) }
            }
            freshEdges[key] = edge.lastNanoseconds
        }
        for seen in sensor.credentials() where !seen.isSession {
            guard let entry = entry(ofSlot: seen.slot) else { continue }
            let key = CredentialKey(
                slot: seen.slot, uid: seen.uid, effective: seen.effective, isInner: seen.isInUserNamespace,
                first: seen.firstNanoseconds)
            let record = records[seen.slot]?[seen.firstNanoseconds]
            if seen.lastNanoseconds > credentials[key] ?? 0, entry.isMonitored {
                if credentials[key] == nil, waits(seen.slot, seen.firstNanoseconds, record) {
                    isWaiting = true
                    continue
                }
                tables.tell(seen, record, entry, maker) { sensor.sub(at: $0) }
            }
            freshCredentials[key] = seen.lastNanoseconds
        }
        (edges, credentials) = (freshEdges, freshCredentials)
        leaving = []
    }
}
