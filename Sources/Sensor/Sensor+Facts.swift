// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
package import Events
import Glibc

extension Sensor {
    /// Facts that could not be kept, over the whole capture; any of them makes a profile partial.
    package struct Losses: Sendable, Equatable {
        /// Tasks whose cgroup got no slot.
        package var cgroups: UInt64 = 0
        /// Executables that share an "other" sub-slot: their calls are kept, their names are not.
        package var executables: UInt64 = 0
        /// Tasks whose state could not be kept: their phase may be wrong.
        package var tasks: UInt64 = 0
        /// Denied calls beyond the table.
        package var denials: UInt64 = 0
        /// Deviations beyond the table: they were reported, and their counts are lower bounds.
        package var deviations: UInt64 = 0
        /// Tasks that moved out of the recorded cgroup.
        package var departures: UInt64 = 0

        /// No loss.
        package static let none = Losses()

        /// What was lost since `before`.
        package func since(_ before: Losses) -> Losses {
            Losses(
                cgroups: cgroups - min(cgroups, before.cgroups),
                executables: executables - min(executables, before.executables),
                tasks: tasks - min(tasks, before.tasks), denials: denials - min(denials, before.denials),
                deviations: deviations - min(deviations, before.deviations),
                departures: departures - min(departures, before.departures))
        }
    }

    /// Every cgroup that has a slot, in the order of first sight.
    package var slots: [SlotSnapshot] {
        let used = min(Int(control { unsafe $0.pointee.slots_used }), slotTable.count)
        return (0..<used).compactMap { slot(at: UInt32($0)) }
    }

    /// One cgroup's slot, or nil if it is not in use.
    package func slot(at index: UInt32) -> SlotSnapshot? {
        slotTable.withElement(Int(index)) { SlotSnapshot(copying: $0, index: index) }
    }

    /// The cgroup that has a slot, or nil if it is not in use: cheaper than a snapshot, to see what is new.
    package func cgroup(ofSlot index: UInt32) -> UInt64? {
        slotTable.withElement(Int(index)) { unsafe $0.pointee.state == UInt32(RF_READY) ? $0.pointee.cgroup_id : nil }
    }

    /// Every slot that is in use, with its cgroup's id: cheaper than snapshots.
    package var usedSlots: [(index: UInt32, cgroup: UInt64)] {
        (0..<slotsUsed).compactMap { index in cgroup(ofSlot: index).map { (index, $0) } }
    }

    /// Whether the cgroup of a slot was removed.
    package func isRemoved(slot index: UInt32) -> Bool {
        slotTable.withElement(Int(index)) { unsafe $0.pointee.flags & UInt32(RF_SLOT_REMOVED) != 0 } ?? false
    }

    /// Records of a cgroup that found no room in the ring; 0 if it has no slot.
    package func dropped(ofSlot index: UInt32) -> UInt64 {
        slotTable.withElement(Int(index)) { slot in
            (0..<UInt32(RF_KINDS)).reduce(0) { sum, kind in
                unsafe sum + (rf_slot_account(slot, kind)?.pointee.dropped ?? 0)
            }
        } ?? 0
    }

    /// How many slots were ever in use: indices below are worth looking at.
    package var slotsUsed: UInt32 { UInt32(min(Int(control { unsafe $0.pointee.slots_used }), slotTable.count)) }

    /// The index of the slot that a sub-slot belongs to, or nil if it is not in use.
    package func slot(ofSub index: UInt32) -> UInt32? {
        subTable.withElement(Int(index)) { unsafe $0.pointee.state == UInt32(RF_READY) ? $0.pointee.slot : nil }
    }

    /// Every executable that has a sub-slot, in the order of first sight.
    package var subs: [SubSnapshot] {
        subIndices.compactMap { sub(at: $0) }
    }

    /// One sub-slot, or nil if it is not in use.
    package func sub(at index: UInt32) -> SubSnapshot? {
        subTable.withElement(Int(index)) { SubSnapshot(copying: $0, index: index) }
    }

    /// Indices that may be in use: each slot's own, and the rest in the order of first sight.
    package var subIndices: [UInt32] {
        let own = min(Int(control { unsafe $0.pointee.slots_used }), slotTable.count)
        let used = min(slotTable.count + Int(control { unsafe $0.pointee.subs_used }), subTable.count)
        return (0..<own).map { UInt32($0) } + (slotTable.count..<used).map { UInt32($0) }
    }

    /// How often each call of a count page was made, by number; nil if there is no such page.
    package func counts(page: UInt32) -> [UInt64]? {
        countTable.withElement(Int(page)) { page in
            (0..<UInt32(RF_CALLS)).map { unsafe rf_page_calls(page, $0) }
        }
    }

    /// What was lost so far.
    package var losses: Losses {
        Losses(
            cgroups: control { unsafe $0.pointee.lost_cgroups },
            executables: control { unsafe $0.pointee.lost_executables },
            tasks: control { unsafe $0.pointee.lost_tasks }, denials: control { unsafe $0.pointee.lost_denials },
            deviations: control { unsafe $0.pointee.lost_deviations },
            departures: control { unsafe $0.pointee.left_target })
    }

    /// Every (executable, phase, call, errno) that a seccomp filter answered so far.
    package func denials() -> [Denial] {
        var all: [Denial] = []
        maps.forEach(in: "rf_denials", key: rf_denied_key(), value: rf_denied()) { key, value in
            if let denial = Denial(key: key, value: &value) { all.append(denial) }
        }
        return all
    }

    /// Calls per cgroup id and ABI where only the fallback program runs.
    package func fallbackCalls() -> [UInt64: [CallABI: CallSet]] {
        var all: [UInt64: [CallABI: CallSet]] = [:]
        maps.forEach(in: "rf_cgroup_bytes", key: UInt64(0), value: rf_bytes()) { key, value in
            for abi in CallABI.allCases {
                var words = [UInt64](repeating: 0, count: Int(RF_CALL_WORDS))
                for number in 0..<Int(RF_CALLS)
                where unsafe rf_bytes_seen(&value, abi.rawValue, UInt32(number)) != 0 {
                    words[number / 64] |= 1 << UInt64(number % 64)
                }
                let set = CallSet(words: words)
                if !set.isEmpty { all[key, default: [:]][abi] = set }
            }
        }
        return all
    }

    @safe func control(_ field: (UnsafeMutablePointer<rf_control>) -> UInt64) -> UInt64 {
        controlTable.withElement(0) { unsafe field($0) } ?? 0
    }
}
