// SPDX-License-Identifier: Apache-2.0
import Containers
import Glibc
import Platform

/// The cgroup that a command is recorded in: a child of our own, so that limits set for us hold for it too.
struct RecordingCgroup {
    static let prefix = "/ringfence-record-"

    let path: String
    let id: UInt64
    private let hierarchy: CgroupHierarchy

    init(in hierarchy: CgroupHierarchy) throws(RecorderError) {
        RecordingRegistry.clean(hierarchy)
        do {
            let own = try hierarchy.ownCgroup()
            path = (own == "/" ? "" : own) + Self.prefix + "\(getpid())"
            try hierarchy.create(path)
            RecordingRegistry.note(path)
            id = try hierarchy.id(of: path)
        } catch { throw RecorderError.unavailable(error.description) }
        self.hierarchy = hierarchy
    }

    /// The file through which a process joins.
    var processes: String { hierarchy.directory(of: path) + "/cgroup.procs" }

    /// Whether a process lives in it or below.
    var isPopulated: Bool { (try? hierarchy.isPopulated(path)) ?? false }

    /// Removes it; if processes were left in it, it stays until the next recording finds it empty.
    func remove() {
        guard !isPopulated else { return }
        // The kernel empties a cgroup a moment after its last process was reaped.
        for _ in 0..<50 {
            if (try? hierarchy.remove(path)) != nil {
                RecordingRegistry.forget()
                return
            }
            var pause = timespec(tv_sec: 0, tv_nsec: 2_000_000)
            _ = unsafe nanosleep(&pause, nil)
        }
    }
}
