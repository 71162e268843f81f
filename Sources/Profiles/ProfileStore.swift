// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
package import Platform

/// Profiles as files: `ringfence.profile/v1`, see `BehaviourProfile`.
package enum ProfileStore {
    /// The largest file that is read or written, in bytes: room for 300 calls from each of 5,000 executables.
    package static let sizeLimit = 64 << 20

    /// The profile in the file at `path`. Everything about it is checked: see `decode`.
    package static func load(_ path: String) throws(ProfileError) -> BehaviourProfile {
        let subject = HostileText.escaped(path)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileBytes.read(path, limit: sizeLimit)
        } catch {
            throw readError(error, subject)
        }
        return try decode(bytes, from: subject)
    }

    /// Writes `profile` to the file at `path` so that a reader or a crash finds the old content or the new, whole; see
    /// `AtomicFile` for links, special files and `owner`. After an error the old file is as it was.
    package static func save(
        _ profile: BehaviourProfile, to path: String, owner: AtomicFile.Owner? = nil
    ) throws(ProfileError) {
        let subject = HostileText.escaped(path)
        let bytes = try encode(profile, for: subject)
        guard bytes.count <= sizeLimit else {
            throw ProfileError(
                .write, subject, reason: "with \(bytes.count >> 20) MiB it would be too large to be read again",
                remedy: "remove executables that come and go under ever new names", errno: EFBIG)
        }
        do throws(SystemError) {
            try AtomicFile.write(bytes, to: path, owner: owner)
        } catch {
            let remedy =
                switch error.errno {
                case ENOSPC, EDQUOT: "free some space, or choose another place with -o; the old file is untouched"
                case ENOENT, ENOTDIR: "create the directory, or choose another place with -o"
                case EISDIR, ENOTSUP, EINVAL: "name a file with -o"
                case _ where error.step == "give away": "run as root, or without a change of owner"
                default: "choose a place that you may write with -o; the old file is untouched"
                }
            let message = SystemError.message(error.errno)
            let reason = error.step == "write" ? message : "cannot \(error.step): \(message)"
            throw ProfileError(.write, subject, reason: reason, remedy: remedy, errno: error.errno)
        }
    }

    /// The file's content: sorted keys, one entry a line, a final newline. The same profile always gives the same bytes,
    /// and what is not in the file's form (fractions of seconds, unsorted lists, unescaped text) is brought into it.
    package static func encode(
        _ profile: BehaviourProfile, for subject: String = "in memory"
    ) throws(ProfileError) -> [UInt8] {
        do {
            return try ProfileLayout.encode(profile.tidied())
        } catch {
            throw ProfileError(
                .write, subject, reason: "it cannot be expressed in JSON: \(error)", remedy: "report this as a bug")
        }
    }

    /// The profile in a file's content. Refused, beside what is not JSON or lacks a field: another schema, a key twice,
    /// a field, phase, ABI or system call that this version does not know, numbers that contradict each other, and text
    /// that could act on a terminal.
    package static func decode(_ bytes: [UInt8], from subject: String) throws(ProfileError) -> BehaviourProfile {
        guard bytes.count <= sizeLimit else { throw tooLarge(subject) }
        let data = Data(bytes)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            try checkSchema(try decoder.decode(SchemaField.self, from: data).schema, subject)
            let profile = try decoder.decode(BehaviourProfile.self, from: data)
            if let (key, line) = JSONDuplicateKeys.firstDuplicate(in: bytes) {
                throw damaged(subject, "line \(line) has the key \"\(key)\" for a second time")
            }
            try ProfileCheck(subject: subject).check(profile)
            let known = JSONFields.paths(in: try encode(profile, for: subject))
            if let unknown = JSONFields.paths(in: bytes).subtracting(known).min() {
                throw ProfileError(
                    .read, subject, reason: "it has the unknown field \(HostileText.escaped(unknown))",
                    remedy: "upgrade ringfence if a later version made it, else remove the field")
            }
            return profile
        } catch let error as ProfileError {
            throw error
        } catch let error as DecodingError {
            throw damaged(subject, describe(error, bytes))
        } catch {
            throw damaged(subject, HostileText.escaped("\(error)"))
        }
    }

    /// An error for content that no version of ours has written.
    static func damaged(_ subject: String, _ reason: String) -> ProfileError {
        ProfileError(.read, subject, reason: reason, remedy: "restore it from a copy, or record it again")
    }

    private struct SchemaField: Decodable {
        let schema: String?
    }

    private static func checkSchema(_ schema: String?, _ subject: String) throws(ProfileError) {
        if schema == BehaviourProfile.schemaName { return }
        let family = "ringfence.profile/v"
        guard let schema else {
            throw ProfileError(
                .read, subject, reason: "it has no schema field, so it is not a behaviour profile",
                remedy: "name a file that `ringfence record -o` wrote")
        }
        if schema.hasPrefix(family), let version = Int(schema.dropFirst(family.count)), version > 1 {
            throw ProfileError(
                .read, subject, reason: "it was made by a later version of ringfence (\(family)\(version))",
                remedy: ProfileError.upgrade)
        }
        throw ProfileError(
            .read, subject,
            reason: "its schema is \"\(HostileText.escaped(schema))\", not \(BehaviourProfile.schemaName)",
            remedy: "name a file that `ringfence record -o` wrote")
    }

    private static func tooLarge(_ subject: String) -> ProfileError {
        ProfileError(
            .read, subject, reason: "it is larger than \(sizeLimit >> 20) MiB, which no profile is",
            remedy: "name a file that `ringfence record -o` wrote", errno: EFBIG)
    }

    private static func readError(_ error: SystemError, _ subject: String) -> ProfileError {
        let remedy =
            switch error.errno {
            case EFBIG: ""
            case ENOENT: "check the path, or record it first with `ringfence record -o`"
            case EACCES, EPERM: "read it as its owner, or as root"
            case EIO: "restore it from a copy: the disk cannot read it"
            default: "name a file that `ringfence record -o` wrote"
            }
        if error.errno == EFBIG { return tooLarge(subject) }
        let reason =
            error.step == "read" ? SystemError.message(error.errno) : "cannot \(error.step): not a regular file"
        return ProfileError(.read, subject, reason: reason, remedy: remedy, errno: error.errno)
    }

    /// What a decoder found, in words, with the path of the field.
    private static func describe(_ error: DecodingError, _ bytes: [UInt8]) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "\(place(context.codingPath)) lacks the field \(HostileText.escaped(key.stringValue))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(place(context.codingPath)) has a value of the wrong type"
        case .dataCorrupted(let context) where context.codingPath.isEmpty: fault(in: bytes)
        case .dataCorrupted(let context) where context.debugDescription.hasPrefix("Expected date"):
            "\(place(context.codingPath)) has a text where a date such as 2026-01-31T12:00:00Z belongs"
        case .dataCorrupted(let context):
            // The decoder's own words are about Swift's types.
            "\(place(context.codingPath)) has a value that is damaged, or that this version of ringfence does not know"
        @unknown default: "it is damaged"
        }
    }

    /// Where text that the decoder refused stops being JSON.
    private static func fault(in bytes: [UInt8]) -> String {
        guard let flaw = JSONDuplicateKeys.firstFlaw(in: bytes) else {
            return "it has a number out of range, or text that is not UTF-8"
        }
        return "\(flaw.what), in line \(flaw.line)"
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty
            ? "it"
            : HostileText.escaped(path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "/"))
    }
}
