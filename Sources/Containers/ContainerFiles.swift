// SPDX-License-Identifier: Apache-2.0
import Platform

/// The files of one container as one of its processes sees them, for asking where several come from.
package struct ContainerFiles {
    private let mounts: [MountEntry]
    private let root: String

    /// Those that a process in the container's mount namespace sees; nil if that is gone.
    package init?(seenBy pid: UInt32) {
        guard let bytes = try? FileBytes.prefix(of: "/proc/\(pid)/mountinfo", limit: 1 << 20) else { return nil }
        mounts = MountEntry.all(in: String(decoding: bytes, as: UTF8.self))
        root = "/proc/\(pid)/root"
    }

    /// Where the file at `path`, the kernel's and not cut, comes from; nil if there is none by now or nobody can tell. Text
    /// that is escaped is no path.
    package func origin(of path: String) -> FileOrigin? {
        guard path.hasPrefix("/"), !path.contains("\\"), (try? FileTree.status(of: root + path)) != nil else {
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
