// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// What is known of one cgroup, copied from its slot at one moment. Facts only ever grow while a slot is in use.
package struct SlotSnapshot: Sendable, Equatable {
    /// Where the records of one kind went; `produced == delivered + suppressed + dropped` at rest.
    package struct Account: Sendable, Equatable {
        package var produced: UInt64 = 0
        package var delivered: UInt64 = 0
        package var suppressed: UInt64 = 0
        package var dropped: UInt64 = 0

        /// An account of nothing.
        package init() {}

        init(_ raw: rf_account) {
            produced = raw.produced
            delivered = raw.delivered
            suppressed = raw.suppressed
            dropped = raw.dropped
        }

        /// Adds another account, field by field.
        package static func += (left: inout Account, right: Account) {
            left.produced += right.produced
            left.delivered += right.delivered
            left.suppressed += right.suppressed
            left.dropped += right.dropped
        }

        /// What is left of an account, field by field and never below nothing.
        package static func - (left: Account, right: Account) -> Account {
            var rest = left
            rest.produced -= min(left.produced, right.produced)
            rest.delivered -= min(left.delivered, right.delivered)
            rest.suppressed -= min(left.suppressed, right.suppressed)
            rest.dropped -= min(left.dropped, right.dropped)
            return rest
        }

        /// In the kernel's form.
        package var raw: rf_account {
            rf_account(produced: produced, delivered: delivered, suppressed: suppressed, dropped: dropped)
        }

        /// Whether every produced record is accounted for.
        package var isBalanced: Bool { produced == delivered + suppressed + dropped }
    }

    /// Distinct values of one argument.
    package struct Values: Sendable, Equatable {
        /// Ascending; at most 16.
        package let values: [UInt64]
        /// Uses of values beyond the sixteenth.
        package let overflow: UInt64
    }

    package private(set) var index: UInt32
    package let cgroupID: UInt64
    /// Path below the hierarchy's root, escaped; only its last part if `pathIsCut`.
    package let path: String
    package let pathIsCut: Bool
    /// The slot of the container that this cgroup is part of.
    package private(set) var root: UInt32
    /// When the cgroup was first seen, nanoseconds of CLOCK_BOOTTIME.
    package let firstSeenNanoseconds: UInt64
    /// `RF_SLOT_*`.
    package let flags: UInt32
    package let calls: UInt64
    package let forks: UInt64
    package let execs: UInt64
    package let exits: UInt64
    package let outOfRange: UInt64
    package let instances: UInt32
    package let sessions: UInt32
    /// Living tasks past their first exec, in this cgroup and those of the same container below it.
    package let liveWorkload: Int64
    /// Until when user space has saved and taken out what was kept, nanoseconds of CLOCK_BOOTTIME; 0 if it never has.
    package let epochNanoseconds: UInt64
    /// By kind of record.
    package let accounts: [RecordKind: Account]
    /// Network peers that are kept, and contacts with peers that found no place.
    package let peers: UInt32
    package let lostPeers: UInt64
    /// Entries of who executed what, and executions of which that is not kept.
    package let edges: UInt32
    package let lostEdges: UInt32
    /// Sights of credentials that found no place.
    package let lostCredentials: UInt32
    /// Capabilities that were used, since they were last taken out: by the workload and by exec sessions. Empty where nobody
    /// watches that, see `Sensor.watchesCapabilities`.
    package let capabilitiesUsed: CapabilitySet
    package let sessionCapabilitiesUsed: CapabilitySet
    /// Calls of the full trace, where it was on.
    package let traced: Account
    /// Of all kinds, what profiles have counted.
    package let booked: Account
    /// Socket families and clone flags by phase, where any were used.
    package let socketFamilies: [Phase: Values]
    package let cloneFlags: [Phase: Values]
    /// Call numbers outside every table: ABI and number.
    package let oddNumbers: [(abi: UInt32, number: Int32)]

    /// Copies a slot; nil if it is not in use.
    @safe package init?(copying pointer: UnsafePointer<rf_slot>, index: UInt32) {
        // SAFETY: the slot lies in a mapped array that outlives this call; words are copied one by one.
        let raw = unsafe pointer.pointee
        guard raw.state == UInt32(RF_READY) else { return nil }
        self.index = index
        cgroupID = raw.cgroup_id
        path = unsafe KernelText.path(UnsafeRawPointer(pointer), offset: raw.path_offset)
        pathIsCut = raw.path_cut != 0
        root = raw.root
        firstSeenNanoseconds = raw.first_seen_ns
        flags = raw.flags
        calls = raw.calls
        forks = raw.forks
        execs = raw.execs
        exits = raw.exits
        outOfRange = raw.out_of_range
        peers = raw.peers
        lostPeers = raw.lost_peers
        edges = raw.edges
        lostEdges = raw.lost_edges
        lostCredentials = raw.lost_credentials
        capabilitiesUsed = CapabilitySet(
            rawValue: unsafe rf_slot_capabilities(pointer, UInt32(RF_JUDGED_WORKLOAD)))
        sessionCapabilitiesUsed = CapabilitySet(
            rawValue: unsafe rf_slot_capabilities(pointer, UInt32(RF_JUDGED_SESSION)))
        instances = raw.instances
        sessions = raw.sessions
        liveWorkload = raw.live_workload
        epochNanoseconds = raw.epoch_ns
        var accounts: [RecordKind: Account] = [:]
        for kind in RecordKind.allCases {
            guard let account = unsafe rf_slot_account(pointer, kind.rawValue) else { continue }
            accounts[kind] = unsafe Account(account.pointee)
        }
        self.accounts = accounts
        traced = Account(raw.traced)
        booked = Account(raw.booked)
        socketFamilies = Self.arguments(pointer, kind: UInt32(RF_ARG_SOCKET_FAMILY))
        cloneFlags = Self.arguments(pointer, kind: UInt32(RF_ARG_CLONE_FLAGS))
        oddNumbers = unsafe withUnsafePointer(to: raw.odd_numbers) { Self.values($0) }.values.map {
            (abi: UInt32($0 >> 32), number: Int32(truncatingIfNeeded: $0))
        }
    }

    /// The same facts under other numbers: every index is `offset` higher, so that those of two tables can stand together.
    package func shifted(by offset: UInt32) -> SlotSnapshot {
        var copy = self
        copy.index &+= offset
        copy.root &+= offset
        return copy
    }

    /// Whether all of `flag` (`RF_SLOT_*`) is set.
    package func has(_ flag: UInt32) -> Bool { flags & flag == flag }

    /// The sum over every kind of record.
    package var account: Account {
        accounts.values.reduce(into: Account()) { $0 += $1 }
    }

    /// What of `account` no profile has counted.
    package var unbooked: Account { account - booked }

    @safe private static func arguments(_ pointer: UnsafePointer<rf_slot>, kind: UInt32) -> [Phase: Values] {
        var all: [Phase: Values] = [:]
        for phase in Phase.allCases {
            guard let raw = unsafe rf_slot_args(pointer, phase.rawValue, kind) else { continue }
            let values = values(raw)
            if !values.values.isEmpty { all[phase] = values }
        }
        return all
    }

    @safe private static func values(_ raw: UnsafePointer<rf_values>) -> Values {
        let kept = (0..<UInt32(RF_VALUES)).map { unsafe rf_value_at(raw, $0) }.filter { $0 != 0 }.map { $0 - 1 }
        return Values(values: Set(kept).sorted(), overflow: unsafe raw.pointee.overflow)
    }

    package static func == (left: SlotSnapshot, right: SlotSnapshot) -> Bool {
        left.index == right.index && left.cgroupID == right.cgroupID && left.flags == right.flags
            && left.calls == right.calls && left.accounts == right.accounts
    }
}
