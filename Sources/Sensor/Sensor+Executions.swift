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

    /// What slots keep of executions and credentials, and what found no room there.
    package struct ExecutionCounts: Sendable, Equatable {
        /// Edges that are kept.
        package var edges: UInt64 = 0
        /// Different credentials that are kept.
        package var credentials: UInt64 = 0
        /// Executions of which is not kept who did it.
        package var lostEdges: UInt64 = 0
        /// How often a process was seen with credentials that found no room.
        package var lostCredentials: UInt64 = 0

        /// Entries of both tables.
        package var kept: UInt64 { edges + credentials }

        /// Nothing.
        package init() {}

        /// Adds those of another slot.
        package static func += (sum: inout ExecutionCounts, more: ExecutionCounts) {
            sum.edges += more.edges
            sum.credentials += more.credentials
            sum.lostEdges += more.lostEdges
            sum.lostCredentials += more.lostCredentials
        }
    }

    /// What a slot keeps, and what found no room; read in place.
    package func executionCounts(ofSlot index: UInt32) -> ExecutionCounts {
        var counts = ExecutionCounts()
        slotTable.withElement(Int(index)) { slot in
            counts.edges = UInt64(unsafe slot.pointee.edges)
            counts.credentials = UInt64(unsafe slot.pointee.credentials)
            counts.lostEdges = UInt64(unsafe slot.pointee.lost_edges)
            counts.lostCredentials = UInt64(unsafe slot.pointee.lost_credentials)
        }
        return counts
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
