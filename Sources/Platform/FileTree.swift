// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Files and directories by name. Reading what somebody else writes is bounded: nothing blocks, nothing grows without
/// limit.
package enum FileTree {
    /// What stat(2) says about one file, as far as it is asked for here.
    package struct Status: Equatable, Sendable {
        /// The inode number; on cgroup2 the cgroup id.
        package let inode: UInt64
        /// The user id that owns the file.
        package let owner: UInt32
        /// Whether it is a directory.
        package let isDirectory: Bool
        /// When the inode changed last (ctime: nobody sets it), seconds since 1970.
        package let changedSeconds: Int64

        fileprivate init(_ status: stat) {
            inode = UInt64(status.st_ino)
            owner = status.st_uid
            isDirectory = status.st_mode & S_IFMT == S_IFDIR
            changedSeconds = Int64(status.st_ctim.tv_sec)
        }
    }

    /// The names in a directory without `.` and `..`, sorted, at most `limit` of them. Names that are not UTF-8 are left
    /// out.
    package static func entries(of path: String, limit: Int = 65_536) throws(SystemError) -> [String] {
        try check(path)
        // SAFETY: opendir returns an owned stream or NULL; it is closed below and used by this thread alone.
        guard let stream = unsafe opendir(path) else { throw SystemError("list", path, errno: errno) }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while names.count < limit, let entry = unsafe readdir(stream) {
            // SAFETY: d_name is a NUL-terminated array inside the entry, valid until the next readdir of this stream.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(validatingCString: $0) }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// stat(2), following symbolic links.
    package static func status(of path: String) throws(SystemError) -> Status {
        try check(path)
        var information = stat()
        // SAFETY: stat writes one `stat` into the local that is passed; the path is bridged for the call.
        guard unsafe stat(path, &information) == 0 else { throw SystemError("look at", path, errno: errno) }
        return Status(information)
    }

    /// The same of a path in somebody else's tree, `root`, which nothing leads out of. It follows no link: a path that the
    /// kernel has found a file at has none, and where there is one by now the file is another. Needs Linux 5.6.
    package static func status(of path: String, inRoot root: String) throws(SystemError) -> Status {
        Status(try Descriptor(finding: path, inRoot: root, followsLinks: false, step: "look at").status(of: path))
    }

    /// Whether something of that name exists and can be looked at.
    package static func exists(_ path: String) -> Bool { (try? status(of: path)) != nil }

    /// A NUL would cut the path that the kernel sees short of the one that was checked.
    static func check(_ path: String) throws(SystemError) {
        guard !path.utf8.contains(0) else { throw SystemError("open", HostileText.escaped(path), errno: EINVAL) }
    }
}
