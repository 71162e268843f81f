// SPDX-License-Identifier: Apache-2.0
import Platform

/// The files of one container as one of its processes sees them, for asking where several come from.
package struct ContainerFiles {
    private let mounts: [MountEntry]
    private let root: String

    /// Those that a process in the container's mount namespace sees; nil if that is gone.
    package init?(seenBy pid: UInt32) {
        guard let mounts = MountEntry.all(seenBy: pid) else { return nil }
        self.init(mounts: mounts, root: "/proc/\(pid)/root")
    }

    /// Those below `root`, where these are mounted.
    init(mounts: [MountEntry], root: String) {
        self.mounts = mounts
        self.root = root
    }

    /// Where the file at `path`, the kernel's and not cut, comes from; nil if there is none by now or nobody can tell. Text
    /// that is escaped is no path. The container may have made links of what is on the way since: none is followed.
    package func origin(of path: String) -> FileOrigin? {
        guard path.hasPrefix("/"), !path.contains("\\"), (try? FileTree.status(of: path, inRoot: root)) != nil else {
            return nil
        }
        return FileOrigin(of: path, mounts: mounts)
    }
}

extension FileOrigin {
    /// What profiles call it.
    package var name: String {
        switch self {
        case .image: "image"
        case .writableLayer: "layer"
        case .memory: "memory"
        case .mount: "mount"
        }
    }
}
