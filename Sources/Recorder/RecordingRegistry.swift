// SPDX-License-Identifier: Apache-2.0
import Containers
import FoundationEssentials
import Glibc
import Platform

/// Cgroups made by recordings, written down so that one which was killed leaves none behind after the next start.
struct RecordingRegistry {
    private static let directory = "/run/ringfence/recordings"

    /// Writes down that this process made a cgroup. Not being able to is not worth failing for.
    static func note(_ cgroup: String) {
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        guard let start = startTime(of: getpid()) else { return }
        let file = "\(directory)/\(getpid())"
        try? AtomicFile.write(Array("\(start) \(cgroup)\n".utf8), to: file)
    }

    /// Forgets this process's cgroup, once it is removed.
    static func forget() { _ = unsafe unlink("\(directory)/\(getpid())") }

    /// Removes what dead recordings left. A cgroup that still has processes in it stays, for the next time.
    static func clean(_ hierarchy: CgroupHierarchy) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            let file = "\(directory)/\(name)"
            guard let pid = Int32(name), let bytes = try? FileBytes.read(file, limit: 4096) else { continue }
            let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1)
            guard fields.count == 2, let start = UInt64(fields[0]), startTime(of: pid) != start else { continue }
            let cgroup = String(fields[1].dropLast())
            guard cgroup.contains(RecordingCgroup.prefix), !cgroup.contains("..") else { continue }
            if hierarchy.exists(cgroup) {
                if (try? hierarchy.isPopulated(cgroup)) == true { continue }
                try? hierarchy.remove(cgroup)
            }
            _ = unsafe unlink(file)
        }
    }

    /// When a process started, in clock ticks since boot: field 22 of /proc/PID/stat (proc(5)). nil if it is gone.
    private static func startTime(of pid: Int32) -> UInt64? {
        guard let bytes = try? FileBytes.read("/proc/\(pid)/stat", limit: 4096) else { return nil }
        // The second field is the comm in parentheses and may hold anything: count from the last parenthesis.
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }
}
