// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
import Glibc
import Platform

/// The daemon's profiles: a directory with one file for each key, that no crash, full disk or damage empties.
package struct ProfileDirectory: Sendable {
    /// A profile that was read, or the lack of one.
    package struct Loaded: Sendable {
        /// Nil if there never was a profile with the key.
        package let profile: BehaviourProfile?
        /// What had to be done to get it (a damaged file moved aside, the previous copy used), one sentence each.
        package let notes: [String]
    }

    /// Where the daemon keeps its profiles.
    package static let defaultPath = "/var/lib/ringfence/profiles"

    package let path: String
    /// The most profiles it holds.
    package let limit: Int

    /// The directory at `path`, which is made (mode 0700) if its parent is there.
    package init(_ path: String = Self.defaultPath, limit: Int = 4096) throws(ProfileError) {
        self.path = path
        self.limit = limit
        do throws(SystemError) {
            try FileTree.makePrivateDirectory(path)
        } catch {
            throw ProfileError(
                .write, HostileText.escaped(path), reason: SystemError.message(error.errno),
                remedy: "create the directory for profiles, or name another", errno: error.errno)
        }
    }

    /// The keys of all profiles, sorted, those included of which only the previous or a damaged copy is left.
    package func keys() throws(ProfileError) -> [String] {
        var keys: Set<String> = []
        for name in Set(try names().compactMap(Self.mainName)) {
            if let key = Self.key(of: name) {
                keys.insert(key)
                continue
            }
            for copy in [name, name + ".previous"] {
                guard let profile = try? ProfileStore.load(path + "/" + copy), Self.fileName(profile.key) == name
                else { continue }
                keys.insert(profile.key)
            }
        }
        return keys.sorted()
    }

    /// The profile with `key`. Damage is mended from the previous copy and said in the notes; where that is not possible
    /// this throws, also the next time: what cannot be read is never an empty profile.
    package func load(_ key: String, now: Date) throws(ProfileError) -> Loaded {
        let loaded = try file(key).load(now: now) { bytes, subject throws(ProfileError) in
            let profile = try ProfileStore.decode(bytes, from: subject)
            try Self.check(profile, key, subject)
            return profile
        }
        return Loaded(profile: loaded.value, notes: loaded.notes)
    }

    /// Writes `profile` under its key: a crash leaves the old file or the new, whole, and the old one is kept as previous
    /// copy. Throws without touching what is there if the disk is full, the directory cannot be written, or `limit`
    /// other profiles are there.
    package func save(_ profile: BehaviourProfile, now: Date) throws(ProfileError) {
        var written: [String: Int] = [:]
        if let error = save([profile], now: now, written: &written)[profile.key] { throw error }
    }

    /// The same for many profiles, whose directory is flushed once, after the last: none of them is safe before this has
    /// returned. Returns the error of each one that could not be saved, by key.
    ///
    /// - Parameter written: digests of what this process has written, by key: content that is still that needs no check.
    package func save(
        _ profiles: [BehaviourProfile], now: Date, written: inout [String: Int]
    ) -> [String: ProfileError] {
        var errors: [String: ProfileError] = [:]
        do throws(ProfileError) {
            var there = Set(try names().compactMap(Self.mainName))
            for profile in profiles {
                do throws(ProfileError) {
                    written[profile.key] = try write(profile, now: now, written: written[profile.key], among: there)
                    there.insert(Self.fileName(profile.key))
                } catch { errors[profile.key] = error }
            }
            do throws(SystemError) { try FileTree.flush(directory: path) } catch {
                throw KeptFile.writeError(error, HostileText.escaped(path))
            }
        } catch {
            for profile in profiles where errors[profile.key] == nil { errors[profile.key] = error }
        }
        return errors
    }

    /// Writes one profile; its digest.
    private func write(
        _ profile: BehaviourProfile, now: Date, written: Int?, among there: Set<String>
    ) throws(ProfileError) -> Int {
        let name = Self.fileName(profile.key)
        let bytes = try ProfileStore.encode(profile, for: HostileText.safe(profile.key))
        guard bytes.count <= ProfileStore.sizeLimit else {
            throw ProfileError(
                .write, HostileText.safe(profile.key), reason: "it would be too large to be read again",
                remedy: "remove executables that come and go under ever new names", errno: EFBIG)
        }
        guard there.contains(name) || there.count < limit else {
            throw ProfileError(
                .write, HostileText.safe(profile.key), reason: "there are \(limit) profiles already",
                remedy: "remove profiles that are no longer needed")
        }
        try file(profile.key).save(bytes, now: now, flushesDirectory: false) { old, subject throws(ProfileError) in
            if old.hashValue == written { return }
            try Self.check(try ProfileStore.decode(old, from: subject), profile.key, subject)
        }
        return bytes.hashValue
    }

    /// Removes the profile with `key` and every copy of it.
    package func remove(_ key: String) throws(ProfileError) { try file(key).remove() }

    /// Removes what killed writers left behind. Only for a daemon that knows that nobody else is writing.
    package func sweep() {
        for name in (try? names()) ?? [] where name.hasPrefix(".ringfence-") && name.hasSuffix(".tmp") {
            try? FileTree.removeFile(path + "/" + name, isDurable: true)
        }
    }

    private func file(_ key: String) -> KeptFile { KeptFile(path: path + "/" + Self.fileName(key)) }

    private func names() throws(ProfileError) -> [String] {
        do throws(SystemError) {
            return try FileTree.entries(of: path, limit: 1 << 20)
        } catch {
            throw ProfileError(
                .read, HostileText.escaped(path), reason: SystemError.message(error.errno),
                remedy: "create the directory for profiles, or name another", errno: error.errno)
        }
    }

    private static func check(_ profile: BehaviourProfile, _ key: String, _ subject: String) throws(ProfileError) {
        guard profile.key == HostileText.safe(key) else {
            throw ProfileStore.damaged(subject, "it is the profile of \(profile.key), not of \(HostileText.safe(key))")
        }
    }
}

extension ProfileDirectory {
    /// The longest name without a digest; 255 bytes are a file name's limit, and dates are appended.
    private static let nameLimit = 180

    /// The file's name for a key: letters, digits and `-_.` stand for themselves, every other byte is `%XX`, so different
    /// keys have different names. A key whose name would be too long is cut and ends with `~` and its SHA-256:
    /// nobody can make two keys that share a file.
    package static func fileName(_ key: String) -> String {
        let key = HostileText.safe(key)
        var name = ""
        for (index, byte) in key.utf8.enumerated() {
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_".unicodeScalars.contains(scalar)
                || (scalar == "." && index > 0)
            name += isPlain ? String(Character(scalar)) : "%" + String(byte, radix: 16, digits: 2)
        }
        guard name.utf8.count > nameLimit else { return name + ".json" }
        return name.prefix(nameLimit - 70) + "~" + SHA256.hexadecimal(of: key.utf8) + ".json"
    }

    /// The key that a file's name stands for; nil for names that were cut, and for other files.
    static func key(of name: String) -> String? {
        guard name.hasSuffix(".json"), !name.contains("~") else { return nil }
        var bytes: [UInt8] = []
        var rest = Array(name.utf8.dropLast(5))[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let key = String(validating: bytes, as: UTF8.self), fileName(key) == name else { return nil }
        return key
    }

    /// The name of the file that `name` is a copy of, or is itself; nil for what is not ours.
    private static func mainName(_ name: String) -> String? {
        guard let range = name.firstRange(of: ".json"), !name.hasPrefix(".") else { return nil }
        // A key may hold ".json" itself; the ending is what follows the last one.
        var end = range.upperBound
        while let next = name[end...].firstRange(of: ".json") { end = next.upperBound }
        let ending = name[end...]
        let isOurs = ending.isEmpty || ending.hasPrefix(".previous") || ending.hasPrefix(".damaged-")
        return isOurs ? String(name[..<end]) : nil
    }
}
