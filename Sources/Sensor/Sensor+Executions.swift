// SPDX-License-Identifier: Apache-2.0
import CEvents
package import Events

/// Who executes what, and with which rights. One thread at a time.
extension Sensor {
    /// Whether executions are followed: where only the fallback program runs nothing is known of them.
    package var watchesExecutions: Bool { !isFallback }

    /// Whether capabilities that are used are watched (Linux 6.14).
    package var watchesCapabilities: Bool {
        programs.contains { $0.program == .capable && $0.missing == nil }
    }

    /// Edges and credentials that a slot keeps, and what found no place; read in place.
    package func executionCounts(ofSlot index: UInt32) -> (kept: UInt32, lost: UInt32) {
        slotTable.withElement(Int(index)) {
            unsafe (
                $0.pointee.edges &+ $0.pointee.credentials, $0.pointee.lost_edges &+ $0.pointee.lost_credentials
            )
        } ?? (0, 0)
    }

    /// Every edge that the kernel keeps, in no order.
    package func edges() -> [EdgeSnapshot] {
        var all: [EdgeSnapshot] = []
        maps.forEach(in: "rf_edges", key: rf_edge_key(), value: rf_edge()) { key, value in
            all.append(EdgeSnapshot(key: key, value: value))
        }
        return all
    }

    /// All credentials that the kernel keeps, in no order.
    package func credentials() -> [CredentialSnapshot] {
        var all: [CredentialSnapshot] = []
        maps.forEach(in: "rf_credentials", key: rf_credential_key(), value: rf_credential()) { key, value in
            all.append(CredentialSnapshot(key: key, value: value))
        }
        return all
    }

    /// Forgets both of slots that others will have.
    func forgetExecutions(ofSlots slots: Set<UInt32>) {
        guard slots.contains(where: { executionCounts(ofSlot: $0).kept > 0 }) else { return }
        maps.remove(in: "rf_edges", key: rf_edge_key(), value: rf_edge()) { key, _ in slots.contains(key.slot) }
        maps.remove(in: "rf_credentials", key: rf_credential_key(), value: rf_credential()) { key, _ in
            slots.contains(key.slot)
        }
    }
}
