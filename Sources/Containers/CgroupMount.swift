// SPDX-License-Identifier: Apache-2.0

/// One cgroup file system from a mountinfo table.
package struct CgroupMount: Equatable, Sendable {
    /// Where it is mounted.
    package let mountPoint: String
    /// Which directory of the hierarchy is mounted there; "/" unless somebody mounted a part of it.
    package let root: String
    /// Whether it is cgroup2 and not one v1 hierarchy.
    package let isUnified: Bool
    /// The v1 controllers of the hierarchy, "name=systemd" without "name=" left out; empty on cgroup2.
    package let controllers: [String]

    /// All cgroup mounts of a table in the format of /proc/PID/mountinfo, see proc_pid_mountinfo(5), in its order. Lines that
    /// are no cgroup mounts, or no mounts at all, are skipped.
    package static func all(inMountInfo text: String) -> [CgroupMount] {
        MountEntry.all(in: text).compactMap { entry in
            guard entry.type == "cgroup" || entry.type == "cgroup2" else { return nil }
            let controllers = entry.options.filter {
                !["rw", "ro", "xattr", "clone_children", "noprefix"].contains($0)
            }
            return CgroupMount(
                mountPoint: entry.mountPoint, root: entry.root, isUnified: entry.type == "cgroup2",
                controllers: entry.type == "cgroup" ? controllers.filter { !$0.contains("=") } : [])
        }
    }
}
