// SPDX-License-Identifier: Apache-2.0
import CEvents
package import Events

/// Facts that earlier programs kept, read once they no longer work and before they are removed.
package struct PinnedFacts: Sendable {
    /// The name of the set that they were pinned under.
    package let set: String
    package private(set) var slots: [SlotSnapshot] = []
    package private(set) var subs: [SubSnapshot] = []
    /// Why they could not be read, in words; nil if they were.
    package private(set) var unreadable: String?

    init(pinnedIn directory: String, set: String) {
        self.set = set
        guard set.hasPrefix("\(RF_LAYOUT_VERSION)-") else {
            unreadable = "they were kept in another layout"
            return
        }
        do {
            let maps = try SensorMaps(pinnedIn: directory)
            let slotCount = try maps.count(of: "rf_slots")
            let subCount = try maps.count(of: "rf_subs")
            let slotTable = try MappedArray<rf_slot>(
                descriptor: maps.descriptor(of: "rf_slots"), count: slotCount, named: "rf_slots")
            let subTable = try MappedArray<rf_sub>(
                descriptor: maps.descriptor(of: "rf_subs"), count: subCount, named: "rf_subs")
            slots = (0..<slotCount).compactMap { index in
                slotTable.withElement(index) { SlotSnapshot(copying: $0, index: UInt32(index)) }
            }
            subs = (0..<subCount).compactMap { index in
                subTable.withElement(index) { SubSnapshot(copying: $0, index: UInt32(index)) }
            }
        } catch { unreadable = error.description }
    }
}
