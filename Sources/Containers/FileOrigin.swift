// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// Where a file that a container uses comes from.
package enum FileOrigin: Equatable, Sendable {
    /// The container's image, unchanged.
    case image
    /// The container's writable layer: made or changed since the container was made. `changed` is when, by the inode's
    /// change time, which nobody sets (inode(7)); seconds since 1970.
    case writableLayer(changed: Int64)
    /// A file system in memory, which is empty when it is mounted. `at` is where, raw.
    case memory(at: String)
    /// Something else that is mounted into the container, raw.
    case mount(at: String)

    /// Where `path`, of a file that the container sees, comes from. Nil if the container's root is no overlay file system
    /// (overlayfs.rst of the kernel), or its writable layer cannot be looked at: then nobody can tell.
    init?(of path: String, mounts: [MountEntry]) {
        // Of mounts at one place the last one is on top; a deeper one hides what is above it.
        let best = mounts.filter { $0.holds(path) }.enumerated().max {
            ($0.element.mountPoint.utf8.count, $0.offset) < ($1.element.mountPoint.utf8.count, $1.offset)
        }
        guard let mount = best?.element else { return nil }
        switch mount.type {
        case "tmpfs", "ramfs": self = .memory(at: mount.mountPoint)
        case "overlay":
            guard mount.mountPoint == "/" else {
                self = .mount(at: mount.mountPoint)
                return
            }
            guard mount.root == "/", let upper = mount.option("upperdir"), upper.hasPrefix("/") else { return nil }
            // What is in the layer, links too, is as the container has made it; where the layer is, is not.
            guard (try? FileTree.status(of: upper))?.isDirectory == true else { return nil }
            do throws(SystemError) {
                self = .writableLayer(changed: try FileTree.status(of: path, inRoot: upper).changedSeconds)
            } catch {
                guard error.errno == ENOENT else { return nil }
                self = .image
            }
        default:
            guard mount.mountPoint != "/" else { return nil }
            self = .mount(at: mount.mountPoint)
        }
    }
}
