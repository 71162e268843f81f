// SPDX-License-Identifier: Apache-2.0
package import Glibc

/// A file of lines that is only appended to. A line is in it as a whole or not at all, as far as the file system lets it.
package struct LineFile: ~Copyable {
    /// Where it was opened.
    package let path: String
    /// Bytes in it, this process's appends included.
    package private(set) var length: Int
    /// Whether the last byte is no line feed: a writer was killed within a line, or an append could not be taken back.
    package private(set) var isTorn: Bool
    private let file: Descriptor
    private let device: dev_t
    private let inode: ino_t

    /// Opens or creates the file, with `mode` less the umask if it is new. A symbolic link is refused (ELOOP), and
    /// whatever is no regular file (EINVAL): a FIFO would block.
    package init(opening path: String, mode: mode_t = 0o640) throws(SystemError) {
        let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK
        let opened = try Descriptor(opening: path, flags, mode: mode, step: "open")
        let status = try opened.status(of: path)
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("append to", path, errno: EINVAL) }
        let size = Int(status.st_size)
        let last = size > 0 ? try Self.bytes(of: opened, path, from: size - 1, limit: 1) : [0x0A]
        self.path = path
        device = status.st_dev
        inode = status.st_ino
        length = size
        isTorn = last != [0x0A]
        file = opened
    }

    /// Appends `line`, which ends in a line feed. After an error (ENOSPC, EDQUOT, EIO ...) the file is cut to what it was;
    /// where that fails too, it is torn, and the next append starts with a line feed.
    package mutating func append(_ line: [UInt8]) throws(SystemError) {
        do throws(SystemError) {
            try file.write(isTorn ? [0x0A] + line : line, to: path)
            length += line.count + (isTorn ? 1 : 0)
            isTorn = false
        } catch {
            if ftruncate(file.number, off_t(length)) != 0, let status = try? file.status(of: path) {
                isTorn = isTorn || Int(status.st_size) != length
                length = Int(status.st_size)
            }
            throw error
        }
    }

    /// fdatasync(2): what was appended survives a power cut once this has returned.
    package func flush() throws(SystemError) {
        try file.flush(path, dataOnly: true)
    }

    /// Whether `path` still names this file. Another program may have renamed or removed it (logrotate(8)).
    package func isInPlace() -> Bool {
        var status = stat()
        // SAFETY: `status` is ours for the length of the call; the path is bridged for it.
        guard unsafe lstat(path, &status) == 0 else { return false }
        return status.st_dev == device && status.st_ino == inode
    }

    /// At most `limit` bytes from the offset on; appends are not disturbed.
    package func bytes(from offset: Int, limit: Int) throws(SystemError) -> [UInt8] {
        try Self.bytes(of: file, path, from: offset, limit: limit)
    }

    private static func bytes(
        of file: borrowing Descriptor, _ path: String, from offset: Int, limit: Int
    ) throws(SystemError) -> [UInt8] {
        guard lseek(file.number, off_t(offset), SEEK_SET) >= 0 else { throw SystemError("read", path, errno: errno) }
        return try file.read(upTo: limit, from: path)
    }
}
