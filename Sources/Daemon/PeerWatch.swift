// SPDX-License-Identifier: Apache-2.0
import Alerts
import CEvents
import Containers
import Events
import Platform
import Profiles
import Recorder
import Sensor

/// Compares the kernel's table of network peers with the profiles: names the unix sockets that records tell of, tells what
/// no record told of, and keeps the counts of what was told exact. Control thread.
final class PeerWatch {
    private let sensor: Sensor
    private let inventory: Inventory
    private let tables: KeyTables
    private let board: WatchBoard
    private let writer: AlertWriter
    private let names: NameBook
    /// What was looked at, as it was then.
    private var known: [Key: Look] = [:]
    private var lost = ContainerLosses()
    private var table: TableLook

    private struct Key: Hashable {
        let slot: UInt32
        let isOutsider: Bool
        let name: PeerName
    }

    private struct Look {
        let first: UInt64
        let count: UInt64
        /// How many of them an earlier daemon told.
        let before: UInt64
    }

    /// Between two looks for counts alone, nanoseconds.
    private static let round: UInt64 = 10_000_000_000

    init(
        _ sensor: Sensor, _ inventory: Inventory, tables: KeyTables, board: WatchBoard, writer: AlertWriter,
        names: NameBook
    ) {
        self.sensor = sensor
        self.inventory = inventory
        self.tables = tables
        self.board = board
        self.writer = writer
        self.names = names
        table = TableLook(round: Self.round) { UInt64(sensor.peerCounts(ofSlot: $0).kept) }
    }

    /// Takes a record of a first contact with a unix socket.
    func take(_ record: Record, now: UInt64) { table.take(record, now: now) }

    /// Notes that these slots will be given back.
    func leave(_ slots: Set<UInt32>) { table.leave(slots) }

    /// When `service` has something to do, nanoseconds of CLOCK_BOOTTIME; nil if nothing waits.
    var deadline: UInt64? { table.deadline }

    /// Looks at the table where that is due; once more at all of it if this `isLast`.
    func service(now: UInt64, isLast: Bool = false) {
        guard sensor.watchesPeers, table.begin(inventory.slots, now: now, isLast: isLast) else { return }
        look()
        table.end()
    }

    /// Contacts of containers that found no place in the table since that was told last, at most once a minute each.
    func takeLosses() -> [(container: TrackedContainer, lost: UInt64)] {
        inventory.take(&lost) { sensor.peerCounts(ofSlot: $0).lost }
    }

    private func look() {
        names.keep(Set(sensor.usedSlots.map(\.cgroup)))
        let owners = board.current
        let maker = FindingMaker(sensor, now: .now)
        var fresh: [Key: Look] = [:]
        for peer in sensor.peers() {
            // Whoever has no name yet is judged when it has one.
            guard case .container(let entry)? = owners[tables.place(ofSlot: peer.slot)], entry.isWatched else {
                continue
            }
            let key = Key(slot: peer.slot, isOutsider: peer.isOutsider, name: PeerName(peer))
            let record = table.record(ofSlot: peer.slot, first: peer.firstNanoseconds)
            let before = known[key].flatMap { $0.first == peer.firstNanoseconds ? $0 : nil }
            if before == nil, table.waits(forSlot: peer.slot, first: peer.firstNanoseconds) { continue }
            let told = before?.before ?? tables.toldPeers.count(of: peer, key.name, in: entry.container)
            fresh[key] = Look(first: peer.firstNanoseconds, count: peer.count, before: told)
            guard peer.count > before?.count ?? told else { continue }
            judge(peer, key, record, entry, maker, before: told, isRepeated: before != nil || told > 0)
        }
        known = fresh
    }

    private func judge(
        _ peer: PeerSnapshot, _ key: Key, _ record: Record?, _ entry: WatchBoard.Entry, _ maker: FindingMaker,
        before: UInt64, isRepeated: Bool
    ) {
        let hosts = names.hosts(
            sensor.cgroup(ofSlot: peer.slot), key.name.address, at: [peer.lastNanoseconds, peer.firstNanoseconds])
        let judged = JudgedPeer(key.name, hosts: hosts, entry.peers)
        if peer.isOutsider {
            guard let record else { return }
            writer.inbox.send(.related(maker.sessionContact(key.name, host: judged.host, record, entry)))
            return writer.wake()
        }
        guard !judged.isExpected else { return }
        var finding =
            record.map { maker.contact(judged, $0, entry, count: peer.count) }
            ?? maker.contact(peer, judged, sensor.sub(at: peer.sub), entry, before: before, isRepeated: isRepeated)
        finding.containerStart = entry.start
        writer.inbox.send(
            .peer(
                counter: FindingMaker.counter(of: key.name, slot: peer.slot, sub: peer.sub), total: peer.count,
                finding: finding))
        writer.wake()
    }
}
