// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import Profiles

/// What an earlier daemon has told of network peers that the kernel still keeps: nobody is told twice.
struct ToldPeers {
    /// Nothing.
    static let none = ToldPeers(until: 0, alerts: [])

    /// Until when it judged, nanoseconds of CLOCK_BOOTTIME.
    private let until: UInt64
    /// How often by container id and peer.
    private var counts: [String: [String: UInt64]] = [:]

    /// How long a contact may take from the kernel to an alert, where its record was lost.
    private static let patience: UInt64 = 3_000_000_000

    /// - Parameters:
    ///   - alive: when the daemon was last known to be alive; nanoseconds of CLOCK_BOOTTIME.
    ///   - alerts: those on disk.
    init(until alive: UInt64, alerts: [Alert]) {
        until = alive - min(alive, Self.patience)
        for alert in alerts {
            for item in alert.items where item.item.kind == .peer {
                // The kernel's table knows addresses, and an alert may name a host that has several.
                for (address, count) in item.addresses ?? [:] {
                    let entry = NetworkAddress(address).flatMap { PeerName(item.item.name)?.at($0).text }
                    if let entry { counts[alert.container.id, default: [:]][entry, default: 0] &+= count }
                }
                if item.addresses == nil {
                    counts[alert.container.id, default: [:]][item.item.name, default: 0] &+= item.count
                }
            }
        }
    }

    /// How many of a peer's contacts are told, or were right when they were made.
    func count(of peer: PeerSnapshot, _ name: PeerName, in container: AlertContainer) -> UInt64 {
        peer.lastNanoseconds <= until ? peer.count : min(peer.count, counts[container.id]?[name.text] ?? 0)
    }
}
