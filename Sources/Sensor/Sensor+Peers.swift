// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
package import Events

/// Network addresses that cgroups use. One thread at a time.
extension Sensor {
    /// Whether addresses are watched: without the hooks of connect(2) too little of them is known.
    package var watchesPeers: Bool {
        [SensorProgram.connect4, .connect6].allSatisfy { program in
            programs.contains { $0.program == program && $0.missing == nil }
        }
    }

    /// Whether DNS messages are read: queries and answers.
    package var readsNames: Bool {
        SensorProgram.names.allSatisfy { program in
            programs.contains { $0.program == program && $0.missing == nil }
        }
    }

    /// Peers that a slot keeps, and contacts that found no place; read in place.
    package func peerCounts(ofSlot index: UInt32) -> (kept: UInt32, lost: UInt64) {
        slotTable.withElement(Int(index)) { unsafe ($0.pointee.peers, $0.pointee.lost_peers) } ?? (0, 0)
    }

    /// Every peer and listener that the kernel keeps, in no order; empty where addresses are not watched.
    package func peers() -> [PeerSnapshot] {
        var all: [PeerSnapshot] = []
        maps.forEach(in: "rf_peers", key: rf_peer_key(), value: rf_peer_facts()) { key, value in
            if let peer = PeerSnapshot(key: key, value: value) { all.append(peer) }
        }
        maps.forEach(in: "rf_unix_peers", key: rf_unix_key(), value: rf_peer_facts()) { key, value in
            all.append(PeerSnapshot(key: key, value: value))
        }
        return all
    }

    /// Forgets the peers of slots that others will have.
    func forgetPeers(ofSlots slots: Set<UInt32>) {
        guard slots.contains(where: { peerCounts(ofSlot: $0).kept > 0 }) else { return }
        maps.remove(in: "rf_peers", key: rf_peer_key(), value: rf_peer_facts()) { key, _ in slots.contains(key.slot) }
        maps.remove(in: "rf_unix_peers", key: rf_unix_key(), value: rf_peer_facts()) { key, _ in
            slots.contains(key.slot)
        }
    }
}
