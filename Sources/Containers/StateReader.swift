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

    /// Whether a file was there and could not be used in a way that may be over soon: half-written, or a database that its
    /// engine was writing.
    var isInterrupted = false

    /// The file's content, or nil: a file that is not there is none (containers come and go while they are read), one that
    /// cannot be read or parsed is noted. The reason never quotes the file. `owner` is who must have written it.
    mutating func decode<T: Decodable>(_ type: T.Type, at path: String, owner: UInt32 = 0) -> T? {
        bytes(of: path, owner: owner).flatMap { parse(type, $0[...], path) }
    }

    /// Of a file that holds an array of objects the one that begins with this id; only that one is decoded, so that naming
    /// one of a thousand containers does not cost a thousand. Go writes an object's fields in the order of declaration, and
    /// `id` is the first in containers/storage.
    mutating func decodeEntry<T: Decodable>(_ type: T.Type, id: String, at path: String, owner: UInt32 = 0) -> T? {
        guard let bytes = bytes(of: path, owner: owner),
            let object = JSONObjectSearch.object(in: bytes, beginningWith: "{\"id\":\"\(id)\"")
        else { return nil }
        return parse(type, object, path)
    }

    /// The bytes of a file that is no JSON; as `decode`.
    mutating func text(at path: String) -> [UInt8]? { bytes(of: path, owner: 0) }

    private mutating func bytes(of path: String, owner: UInt32) -> [UInt8]? {
        do {
            let bytes = try FileBytes.read(path, limit: Self.limit, followsLink: false)
            let writer = owner == 0 ? 0 : try FileTree.status(of: path).owner
            guard writer == owner else {
                note(path, "it belongs to another user")
                return nil
            }
            return bytes
        } catch {
            switch error.errno {
            case ENOENT, ENOTDIR: break
            case EFBIG: note(path, "it is larger than 8 MiB")
            default: note(path, SystemError.message(error.errno))
            }
            return nil
        }
    }

    private mutating func parse<T: Decodable>(_ type: T.Type, _ bytes: ArraySlice<UInt8>, _ path: String) -> T? {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            isInterrupted = true
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
