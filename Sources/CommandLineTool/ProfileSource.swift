// SPDX-License-Identifier: Apache-2.0
import Control
import Glibc
import Platform
import Profiles

/// A behaviour profile by the word that people give: a file, else the key of one of the daemon's.
enum ProfileSource {
    /// The profile. A file wins; the daemon's is asked for, or read from its state directory where it does not run and we
    /// may.
    static func load(_ word: String, _ address: DaemonAddress) throws(CommandFailure) -> BehaviourProfile {
        if word.isEmpty || FileTree.exists(word) { return try file(word) }
        do throws(CommandFailure) {
            let bytes = try address.askForBytes(.profileShow, ["key": .string(word)])
            return try decode(bytes, HostileText.escaped(word))
        } catch {
            if let stored = try stored(word, address) { return stored }
            // What looks like a file was meant as one.
            if word.hasPrefix("/") || word.hasPrefix(".") || word.hasSuffix(".json") { return try file(word) }
            throw .noInput(
                "there is no file \(HostileText.escaped(word)), nor a profile of that key (\(error.description))")
        }
    }

    /// The daemon's profile of a key from its file; nil if there is none or we may not look.
    static func stored(_ key: String, _ address: DaemonAddress) throws(CommandFailure) -> BehaviourProfile? {
        let path = address.profilesPath + "/" + ProfileDirectory.fileName(key)
        guard FileTree.exists(path), unsafe access(path, R_OK) == 0 else { return nil }
        return try file(path)
    }

    /// A profile from JSON.
    static func decode(_ bytes: [UInt8], _ subject: String) throws(CommandFailure) -> BehaviourProfile {
        do throws(ProfileError) { return try ProfileStore.decode(bytes, from: subject) } catch {
            throw .data(error.description)
        }
    }

    /// A profile from a file.
    static func file(_ path: String) throws(CommandFailure) -> BehaviourProfile {
        do throws(ProfileError) { return try ProfileStore.load(path) } catch {
            throw error.errno == nil || error.errno == EFBIG ? .data(error.description) : .noInput(error.description)
        }
    }
}
