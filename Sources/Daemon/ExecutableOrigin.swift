// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Events
import Platform

/// Says where an executable that nobody expected comes from: what was written after the container began is told apart from
/// what its image has.
enum ExecutableOrigin {
    /// Where the file that a record tells of comes from, as it lies there now; nil where nobody can tell. `start` is when its
    /// container was started, nanoseconds of CLOCK_BOOTTIME.
    static func find(_ record: Record, start: UInt64) -> FileOrigin? {
        // A path that was cut is not the file's.
        guard !record.pathIsCut else { return nil }
        // It may have ended; those above it in the container, which are younger than that, are in the same mount namespace.
        let parents = record.ancestors.prefix(2).filter { start > 0 && $0.startNanoseconds >= start }
        for pid in [record.tgid] + parents.map(\.pid) {
            if let origin = ContainerFiles(seenBy: pid)?.origin(of: record.path) { return origin }
        }
        return nil
    }

    /// A sentence without a full stop. `wall` is when the file was executed.
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
