// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Reads whole files of a bounded size.
package enum FileBytes {
    /// The content of the regular file at `path`, those of procfs and cgroupfs included.
    ///
    /// - Throws: the kernel's reason; EISDIR for a directory and ENOTSUP for a FIFO, socket or device, on which it never
    ///   waits.
    /// - Parameters:
    ///   - limit: the most bytes to accept; a larger file is EFBIG and costs no more memory than that.
    ///   - followsLink: whether a symbolic link as last component is followed; if not it is ELOOP, so that whoever writes
    ///     the directory cannot redirect the reader.
    package static func read(_ path: String, limit: Int, followsLink: Bool = true) throws(SystemError) -> [UInt8] {
        let file = try open(path, followsLink: followsLink)
        let status = try file.status(of: path)
        guard status.st_size <= limit else { throw SystemError("read", path, errno: EFBIG) }
        // Not st_size: files of /proc have none, and a file may grow meanwhile.
        let bytes = try file.read(upTo: limit + 1, from: path)
        guard bytes.count <= limit else { throw SystemError("read", path, errno: EFBIG) }
        return bytes
    }

    /// The first bytes of a regular file, `limit` at most.
    ///
    /// - Throws: as `read`, but for EFBIG.
    package static func prefix(of path: String, limit: Int) throws(SystemError) -> [UInt8] {
        try open(path, followsLink: true).read(upTo: limit, from: path)
    }

    private static func open(_ path: String, followsLink: Bool) throws(SystemError) -> Descriptor {
        // O_NONBLOCK: opening a FIFO for reading would wait for a writer, and some devices for a carrier.
        let following = followsLink ? 0 : O_NOFOLLOW
        let file = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY | following, step: "read")
        let status = try file.status(of: path)
        switch FileKind(mode: status.st_mode) {
        case .regular: break
        case .directory: throw SystemError("read", path, errno: EISDIR)
        case let kind: throw SystemError("read the \(kind.rawValue)", path, errno: ENOTSUP)
        }
        return file
    }
}

/// What kind of thing a path names, inode(7).
enum FileKind: String {
    case regular = "file"
    case directory
    case link = "symbolic link"
    case fifo = "FIFO"
    case socket
    case device

    init(mode: mode_t) {
        self =
            switch mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .link
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            default: .device
            }
    }
}
