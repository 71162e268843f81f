// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Events
import Platform

/// Says where an executable that nobody expected comes from: what was written after the container began is told apart from
/// what its image has.
enum ExecutableOrigin {
    /// A sentence without a full stop; nil where nobody can tell. `wall` is when it was executed, `start` when its container
    /// was, nanoseconds of CLOCK_BOOTTIME.
    static func words(of record: Record, wall: WallTime, start: UInt64) -> String? {
        // A path that was cut or escaped is not the file's.
        guard !record.pathIsCut, record.path.hasPrefix("/"), !record.path.contains("\\") else { return nil }
        // It may have ended; those above it in the container, which are younger than that, are in the same mount namespace.
        let parents = record.ancestors.prefix(2).filter { start > 0 && $0.startNanoseconds >= start }
        for pid in [record.tgid] + parents.map(\.pid) {
            if let origin = FileOrigin(of: record.path, seenBy: pid) { return words(origin, wall: wall) }
        }
        return nil
    }

    static func words(_ origin: FileOrigin, wall: WallTime) -> String {
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
}
