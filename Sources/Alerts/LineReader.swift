// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// Where somebody who follows a file has got to.
package struct FollowPosition: Equatable, Sendable {
    /// Of the file; 0: none was open.
    package var inode: UInt64 = 0
    /// Bytes of whole lines that were read.
    package var offset = 0

    /// The beginning of the file, whichever it is.
    package init() {}
}

/// Reads a file line by line in bounded memory. Holds the file open: a rotation does not disturb it.
struct LineReader {
    enum Line: Equatable {
        case line([UInt8])
        /// Longer than the limit; skipped as a whole.
        case tooLong
        /// The last one, without line feed.
        case torn([UInt8])
    }

    private final class File {
        let descriptor: Descriptor
        init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    }

    private static let chunk = 64 * 1024

    let path: String
    private let file: File
    private let lineLimit: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// When the file was last written to, as it was opened.
    let modified: WallTime
    /// Of the line returned last, from 1.
    private(set) var lineNumber = 0
    private(set) var position = FollowPosition()
    /// The error number that ended the reading early.
    private(set) var failure: CInt?

    init(path: String, lineLimit: Int, from offset: Int = 0) throws(SystemError) {
        let descriptor = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
        let status = try descriptor.status(of: path)
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("read", path, errno: EINVAL) }
        // A file that has become shorter was begun anew.
        let offset = offset <= Int(status.st_size) ? offset : 0
        guard lseek(descriptor.number, off_t(offset), SEEK_SET) >= 0 else {
            throw SystemError("read", path, errno: errno)
        }
        modified = WallTime(
            milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
        position.inode = UInt64(status.st_ino)
        position.offset = offset
        self.path = path
        self.lineLimit = lineLimit
        file = File(descriptor)
    }

    /// The next line without its line feed, nil at the end.
    mutating func next() -> Line? {
        var isTooLong = false
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                let line = Array(buffer[start..<end])
                lineNumber += 1
                position.offset += line.count + 1
                start = end + 1
                return isTooLong || line.count > lineLimit ? .tooLong : .line(line)
            }
            let held = buffer.count - start
            if held > lineLimit {
                isTooLong = true
                position.offset += held
                buffer.removeAll(keepingCapacity: true)
            } else {
                buffer.removeFirst(start)
            }
            start = 0
            searched = buffer.count
            guard fill() else { break }
        }
        guard isTooLong || !buffer.isEmpty else { return nil }
        let rest = buffer
        buffer = []
        lineNumber += 1
        return isTooLong ? .tooLong : .torn(rest)
    }

    private mutating func fill() -> Bool {
        guard !isAtEnd else { return false }
        do throws(SystemError) {
            let bytes = try file.descriptor.read(upTo: Self.chunk, from: path)
            buffer += bytes
            isAtEnd = bytes.count < Self.chunk
            return !bytes.isEmpty
        } catch {
            failure = error.errno
            isAtEnd = true
            return false
        }
    }
}
