// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform

/// What containers did that have no profile of their own: those that were gone before they could be named, and those for
/// which there was no room. One line each in a file of bounded size; when it is full it becomes the previous one, and what
/// that held is dropped and counted.
package final class UnfiledProfiles {
    private let path: String
    private let limit: Int
    private var file: LineFile?
    /// Profiles that were kept and had to make room, since the daemon started.
    package private(set) var dropped = 0
    /// Profiles that were written, since the daemon started.
    package private(set) var kept = 0

    private var previous: String { path + ".previous" }

    /// The largest line: a container that was there for moments has no more to tell.
    private static let lineLimit = 1 << 20

    /// The file at `path`, made with the first profile; `limit` is in bytes, and there are two such files at most.
    package init(_ path: String, limit: Int = 8 << 20) {
        self.path = path
        self.limit = limit
    }

    /// Appends profiles and makes them durable together. Throws if that could not be done: some may be there twice when it is
    /// tried again, which `find` does not mind.
    package func append(_ profiles: [BehaviourProfile]) throws(ProfileError) {
        guard !profiles.isEmpty else { return }
        var written = 0
        do throws(SystemError) {
            if file == nil { file = try LineFile(opening: path, mode: 0o600) }
            for profile in profiles {
                guard let line = Self.line(profile), line.count <= Self.lineLimit else {
                    dropped += 1
                    continue
                }
                if (file?.length ?? 0) + line.count > limit { try turn() }
                try file?.append(line)
                written += 1
            }
            try file?.flush()
            kept += written
        } catch {
            file = nil
            throw KeptFile.writeError(error, HostileText.escaped(path))
        }
    }

    /// What was kept under `key`, the latest.
    package func find(_ key: String) -> BehaviourProfile? {
        for path in [path, previous] {
            guard let bytes = try? FileBytes.read(path, limit: limit + Self.lineLimit, followsLink: false) else {
                continue
            }
            let mark = Array(Self.mark(key).utf8)
            for line in bytes.split(separator: 0x0A).reversed() where line.firstRange(of: mark) != nil {
                if let profile = try? ProfileStore.decode(Array(line), from: HostileText.escaped(path)),
                    profile.key == HostileText.safe(key)
                {
                    return profile
                }
            }
        }
        return nil
    }

    private func turn() throws(SystemError) {
        if let old = try? FileBytes.read(previous, limit: limit + Self.lineLimit, followsLink: false) {
            dropped += old.count { $0 == 0x0A }
        }
        try file?.flush()
        file = nil
        try FileTree.rename(path, to: previous, isDurable: true)
        file = try LineFile(opening: path, mode: 0o600)
    }

    /// A line can only be the one of `key` if it holds this.
    private static func mark(_ key: String) -> String {
        guard let data = try? JSONEncoder().encode(HostileText.safe(key)) else { return key }
        return String(decoding: data, as: UTF8.self).replacing("\\/", with: "/")
    }

    private static func line(_ profile: BehaviourProfile) -> [UInt8]? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        guard let data = try? encoder.encode(profile.tidied()) else { return nil }
        return Array(data) + [0x0A]
    }
}
