// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Events
import Platform

/// Says where an executable that nobody expected comes from: what was written after the container began is told apart from
/// what its image has.
enum ExecutableOrigin {
    /// A sentence without a full stop; nil where nobody can tell. `wall` is when it was executed.
    static func words(of record: Record, wall: WallTime) -> String? {
        // A path that was cut or escaped is not the file's.
        guard !record.pathIsCut, record.path.hasPrefix("/"), !record.path.contains("\\") else { return nil }
        // It may have ended; those above it in the container are in the same mount namespace.
        for pid in [record.tgid] + record.ancestors.prefix(2).map(\.pid) {
            guard isMember(pid, of: record), let origin = FileOrigin(of: record.path, seenBy: pid) else { continue }
            return words(origin, wall: wall)
        }
        return nil
    }

    private static func words(_ origin: FileOrigin, wall: WallTime) -> String {
        switch origin {
        case .image: return "the file is of the container's image"
        case .writableLayer(let changed):
            let age = max(0, wall.milliseconds / 1000 - changed)
            return "the file is not of the image: it was written in the container \(Quantity.span(seconds: age)) before"
        case .memory(let place):
            return "the file is not of the image: it lies in memory, on \(HostileText.escaped(place))"
        case .mount(let place):
            return
                "the file is not of the image: it lies on \(HostileText.escaped(place)), which is mounted from outside"
        }
    }

    /// Whether a process that may have been given the number of another is in the cgroup of the record.
    private static func isMember(_ pid: UInt32, of record: Record) -> Bool {
        if pid == record.tgid { return true }
        guard let own = try? FileBytes.prefix(of: "/proc/\(record.tgid)/cgroup", limit: 4096) else {
            return record.ancestors.contains { $0.pid == pid && $0.startNanoseconds > 0 }
        }
        return own == (try? FileBytes.prefix(of: "/proc/\(pid)/cgroup", limit: 4096))
    }
}
