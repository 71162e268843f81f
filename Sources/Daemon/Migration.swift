// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import Platform
import Sensor

/// A process of a container that was moved to where somebody else lives. A runtime in a container that starts others moves
/// them to where nobody lives, and who comes from the host is a session.
struct Migration {
    /// Of whom it is told: the container that the process came into, or the one that it left for the host.
    let entry: WatchBoard.Entry
    /// "here from NAME", "out of the container, to PATH".
    let way: String

    /// Nil if the record of a join tells of no such thing, or of nothing that is watched.
    init?(_ record: Record, _ owners: [WatchBoard.Place: WatchBoard.Owner], _ sensor: Sensor) {
        guard record.kind == .join, let slot = record.slot, let origin = record.origin,
            case .container(let source)? = owners.first(where: { $0.key.cgroupID == origin })?.value,
            source.container.isContainer
        else { return nil }
        switch owners[WatchBoard.Place(slot: slot, cgroupID: record.cgroupID)] {
        case .container(let target)? where target.isWatched && target.container != source.container:
            entry = target
            way = "here from \(source.container.name)"
        case .nobody? where source.isWatched:
            entry = source
            way = "out of the container, to \(sensor.slot(at: slot)?.path ?? "a cgroup that is gone")"
        default: return nil
        }
    }
}
