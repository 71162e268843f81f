// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// Reads the JSON files of engines and remembers what could not be used, and why.
struct StateReader {
    /// Of one file nothing beyond this many bytes is read; it is then skipped as a whole.
    static let limit = 8 << 20

    /// One line for each file that was there and could not be used, safe to print, at most 100.
    private(set) var skipped: [String] = []

    /// The file's content, or nil: a file that is not there is none (containers come and go while they are read), one that
    /// cannot be read or parsed is noted. The reason never quotes the file. `owner` is who must have written it.
    mutating func decode<T: Decodable>(_ type: T.Type, at path: String, owner: UInt32 = 0) -> T? {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(path, limit: Self.limit, followsLink: false)
            let writer = owner == 0 ? 0 : try FileTree.status(of: path).owner
            guard writer == owner else {
                note(path, "it belongs to another user")
                return nil
            }
        } catch {
            switch error.errno {
            case ENOENT, ENOTDIR: break
            case EFBIG: note(path, "it is larger than 8 MiB")
            default: note(path, SystemError.message(error.errno))
            }
            return nil
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            note(path, "it is not the JSON that the engine writes (half-written, damaged or of another version)")
        }
        return nil
    }

    /// Notes that `path` was skipped, for `reason`.
    mutating func note(_ path: String, _ reason: String) {
        guard skipped.count < 100 else { return }
        skipped.append("\(HostileText.escaped(path)): \(reason)")
    }
}
