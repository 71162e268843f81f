// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
import Events
import Glibc

/// Giving slots back. One thread at a time.
extension Sensor {
    /// Gives back the slots and the sub-slots of cgroups that were removed and read. Their tasks have ended: the kernel
    /// removes no cgroup that has any, and they pass the exit hook before. The caller waits a moment, for programs that
    /// are still looking at them. Returns the sub-slots that others will have now; none of a slot that is not one of a
    /// removed cgroup.
    package func release(slots: Set<UInt32>) -> Set<UInt32> {
        guard let slotOf = try? maps.descriptor(of: "rf_slot_of"), let subOf = try? maps.descriptor(of: "rf_sub_of"),
            let freeSlots = try? maps.descriptor(of: "rf_free_slots"),
            let freeSubs = try? maps.descriptor(of: "rf_free_subs")
        else { return [] }
        let removed = slots.filter { isRemoved(slot: $0) }
        guard !removed.isEmpty else { return [] }
        for index in removed {
            guard var id = cgroup(ofSlot: index) else { continue }
            _ = unsafe bpf_map_delete_elem(slotOf, &id)
        }
        let subs = Set(subIndices.filter { slot(ofSub: $0).map(removed.contains) ?? false })
        // The next ones to have the places answer for their own.
        maps.remove(in: "rf_deviations", key: rf_deviation_key(), value: rf_deviation()) { key, _ in
            subs.contains(key.sub)
        }
        maps.remove(in: "rf_denials", key: rf_denied_key(), value: rf_denied()) { key, _ in subs.contains(key.sub) }
        maps.remove(in: "rf_namespaces", key: UInt64(0), value: rf_namespace_owner()) { _, owner in
            removed.contains(owner.slot)
        }
        forgetPeers(ofSlots: removed)
        forgetExecutions(ofSlots: removed)
        for number in subs where number >= UInt32(slotTable.count) {
            guard var key = key(ofSub: number) else { continue }
            _ = unsafe bpf_map_delete_elem(subOf, &key)
            erase(subTable, number)
            erase(steadyTable, number)
            var free = number
            _ = unsafe bpf_map_update_elem(freeSubs, nil, &free, 0)
        }
        for index in removed {
            erase(subTable, index)
            erase(steadyTable, index)
            erase(slotTable, index)
            var free = index
            _ = unsafe bpf_map_update_elem(freeSlots, nil, &free, 0)
        }
        return subs
    }

    private func key(ofSub index: UInt32) -> rf_sub_key? {
        subTable.withElement(Int(index)) { sub in
            unsafe rf_sub_key(
                device: sub.pointee.device, inode: sub.pointee.inode, slot: sub.pointee.slot,
                generation: sub.pointee.generation)
        }
    }

    private func erase<Element>(_ table: borrowing MappedArray<Element>, _ index: UInt32) {
        _ = table.withElement(Int(index)) { element in
            // SAFETY: the element lies in the mapping and nobody uses it: its cgroup is gone and it is found by nobody.
            unsafe memset(element, 0, MemoryLayout<Element>.size)
        }
    }
}
