// SPDX-License-Identifier: Apache-2.0
import CEvents
package import Events

/// Facts that replaced programs kept, in our layout whatever theirs was. They stay pinned until each is where it belongs;
/// what ends in between leaves the rest for the next start. One thread at a time.
package final class PinnedFacts {
    /// The name of the set that they are pinned under.
    package let set: String
    package private(set) var slots: [SlotSnapshot] = []
    package private(set) var subs: [SubSnapshot] = []
    package private(set) var denials: [Denial] = []
    package private(set) var deviations: [Sensor.Deviation] = []
    /// Network peers; nil if those programs did not watch them.
    package private(set) var peers: [PeerSnapshot]?
    /// Who executed what, and with which credentials; nil if those programs did not keep that.
    package private(set) var edges: [EdgeSnapshot]?
    package private(set) var credentials: [CredentialSnapshot]?
    /// Why they could not be read, in words; nil if they were.
    package private(set) var unreadable: String?
    /// What of them could not be read, a sentence each; a profile that takes them in is partial for that.
    package private(set) var shortcomings: [String] = []
    /// What is not as it was although no fact is missing, a sentence each.
    package private(set) var remarks: [String] = []

    private let pins: PinDirectory
    private var maps: SensorMaps?
    private var slotTable: PinnedTable?
    private var subTable: PinnedTable?

    /// What nothing can be understood without.
    private static let slotMembers = ["path", "path_offset", "cgroup_id", "state", "root"]
    private static let subMembers = ["path", "path_offset", "calls", "state", "slot"]

    /// Reads what is pinned as `set`. Its programs must have ended. `present` says what our layout is.
    init(_ set: String, in pins: PinDirectory, like present: borrowing SensorMaps) {
        self.set = set
        self.pins = pins
        let maps = SensorMaps(presentIn: pins.directory(of: set))
        do throws(BPFError) { try read(maps, present) } catch {
            forget()
            unreadable = error.description
        }
        self.maps = consume maps
    }

    /// Says that nobody could wait for the programs to end.
    func noteRunning(_ reason: String) {
        shortcomings.append("calls of the moment of the change may be missing: \(reason)")
    }

    private func read(_ maps: borrowing SensorMaps, _ present: borrowing SensorMaps) throws(BPFError) {
        let slotTable = try PinnedTable("rf_slots", of: maps, like: present, needing: Self.slotMembers)
        let subTable = try PinnedTable("rf_subs", of: maps, like: present, needing: Self.subMembers)
        // Programs that noted nothing may have had all of it counted: nothing is counted twice.
        let isBooked = slotTable.has("booked")
        if !isBooked {
            remarks.append("records since the last epoch are not added up, for it was not noted which were")
        }
        for index in 0..<UInt32(slotTable.capacity) {
            let slot = slotTable.withElement(index, rf_slot()) { raw -> SlotSnapshot? in
                guard !isBooked else { return SlotSnapshot(copying: raw, index: index) }
                var value = unsafe raw.pointee
                return unsafe withUnsafeMutablePointer(to: &value) {
                    guard let bare = SlotSnapshot(copying: $0, index: index) else { return nil }
                    unsafe $0.pointee.booked = bare.account.raw
                    unsafe $0.pointee.flags |= UInt32(RF_SLOT_PROFILED)
                    return SlotSnapshot(copying: $0, index: index)
                }
            }
            if let slot { slots.append(slot) }
        }
        let used = Set(slots.map(\.index))
        for index in 0..<UInt32(subTable.capacity) {
            let sub = subTable.withElement(index, rf_sub()) { SubSnapshot(copying: $0, index: index) }
            if let sub, used.contains(sub.slot) { subs.append(sub) }
        }
        shortcomings += slotTable.shortcomings + subTable.shortcomings
        try readTables(maps, present)
        self.slotTable = consume slotTable
        self.subTable = consume subTable
    }

    /// What may be missing without taking the rest along.
    private func readTables(_ maps: borrowing SensorMaps, _ present: borrowing SensorMaps) throws(BPFError) {
        let denied = try PinnedTable("rf_denials", of: maps, like: present, needing: [])
        denied.forEach(rf_denied_key(), rf_denied()) { key, value in
            if let denial = Denial(key: key, value: &value) { denials.append(denial) }
        }
        let deviated = try PinnedTable("rf_deviations", of: maps, like: present, needing: [])
        deviated.forEach(rf_deviation_key(), rf_deviation()) { key, value in
            deviations.append(Sensor.Deviation(key, value))
        }
        readPeers(maps, present)
        readExecutions(maps, present)
    }

    /// Programs before layout 6 have no such tables.
    private func readExecutions(_ maps: borrowing SensorMaps, _ present: borrowing SensorMaps) {
        guard
            let table = try? PinnedTable("rf_edges", of: maps, like: present, needing: ["first_ns", "last_ns"]),
            let rights = try? PinnedTable("rf_credentials", of: maps, like: present, needing: ["first_ns", "last_ns"])
        else { return }
        var edges: [EdgeSnapshot] = []
        table.forEach(rf_edge_key(), rf_edge()) { key, value in edges.append(EdgeSnapshot(key: key, value: value)) }
        var credentials: [CredentialSnapshot] = []
        rights.forEach(rf_credential_key(), rf_credential()) { key, value in
            credentials.append(CredentialSnapshot(key: key, value: value))
        }
        (self.edges, self.credentials) = (edges, credentials)
    }

    /// Earlier versions have no such tables, and programs that watch no addresses have them for one entry.
    private func readPeers(_ maps: borrowing SensorMaps, _ present: borrowing SensorMaps) {
        guard let table = try? PinnedTable("rf_peers", of: maps, like: present, needing: ["count", "last_ns"]),
            table.capacity > 1
        else { return }
        var all: [PeerSnapshot] = []
        table.forEach(rf_peer_key(), rf_peer_facts()) { key, value in
            if let peer = PeerSnapshot(key: key, value: value) { all.append(peer) }
        }
        if let table = try? PinnedTable("rf_unix_peers", of: maps, like: present, needing: ["count", "last_ns"]) {
            table.forEach(rf_unix_key(), rf_peer_facts()) { key, value in
                all.append(PeerSnapshot(key: key, value: value))
            }
        }
        peers = all
    }

    /// Notes that the facts of a cgroup are saved: whoever reads the set again does not find them.
    package func settle(slot index: UInt32) {
        slotTable?.write(UInt32(RF_FREE), to: "state", of: index)
        for sub in subs where sub.slot == index { subTable?.write(UInt32(RF_FREE), to: "state", of: sub.index) }
    }

    /// Unpins the set: everything of it is where it belongs, or cannot be read.
    package func remove() {
        pins.remove(set)
        slotTable = nil
        subTable = nil
        maps = nil
        forget()
    }

    private func forget() {
        (slots, subs, denials, deviations) = ([], [], [], [])
        (peers, edges, credentials) = (nil, nil, nil)
    }
}
