// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// A file that must never be lost: written whole or not at all, with its previous copy beside it as `.previous`; damaged
/// copies are moved aside as `.damaged-DATE`, and what cannot be read is never taken for nothing.
struct KeptFile {
    let path: String

    private var previous: String { path + ".previous" }
    private var subject: String { HostileText.escaped(path) }

    /// The content, or nil if neither the file nor a copy of it was ever there.
    func load<Value>(
        now: Date, decode: ([UInt8], String) throws(ProfileError) -> Value
    ) throws(ProfileError) -> (value: Value?, notes: [String]) {
        var notes: [String] = []
        if let value = try read(path, now, &notes, decode) { return (value, notes) }
        let wasLost = !notes.isEmpty
        if let value = try read(previous, now, &notes, decode) {
            notes.append("\(subject): the previous copy is used instead")
            restore(&notes)
            return (value, notes)
        }
        guard !wasLost, notes.isEmpty, try quarantined().isEmpty else {
            throw ProfileError(
                .read, subject,
                reason: notes.isEmpty ? "it was damaged and moved aside" : notes.joined(separator: "; "),
                remedy: "restore it from a copy beside it (.damaged-...), or remove the profile to begin anew")
        }
        return (nil, [])
    }

    /// Writes `bytes`; the old content becomes the previous copy if `check` finds it whole, else it is moved aside. Whoever
    /// saves many files of a directory flushes that once, after the last, and passes false for `flushesDirectory`.
    func save(
        _ bytes: [UInt8], now: Date, flushesDirectory: Bool = true,
        check: ([UInt8], String) throws(ProfileError) -> Void
    ) throws(ProfileError) {
        do throws(SystemError) {
            if let old = try content(path) {
                if old == bytes { return }
                var flaw: ProfileError?
                do throws(ProfileError) { try check(old, subject) } catch { flaw = error }
                if let flaw, flaw.isOfLaterVersion { throw SystemError("replace", subject, errno: EEXIST) }
                if flaw == nil {
                    try keep(old)
                } else {
                    try setAside(path, now)
                }
            }
            try AtomicFile.write(bytes, to: path, mode: 0o600, flushesDirectory: flushesDirectory)
        } catch {
            throw Self.writeError(error, subject)
        }
    }

    /// Keeps what the file holds as the previous copy. It is on the disk already: a second name is enough, since the file is
    /// replaced and never written to.
    private func keep(_ content: [UInt8]) throws(SystemError) {
        do throws(SystemError) { try FileTree.link(path, to: previous) } catch {
            try AtomicFile.write(content, to: previous, mode: 0o600)
        }
    }

    /// What hindered writing, with what to do about it.
    static func writeError(_ error: SystemError, _ subject: String) -> ProfileError {
        let remedy =
            switch error.errno {
            case ENOSPC, EDQUOT: "free some space; the old file is untouched"
            case EROFS, EACCES, EPERM: "make the directory writable; the old file is untouched"
            case ENOENT, ENOTDIR: "create the directory"
            case EEXIST: "upgrade ringfence: a later version wrote the file"
            default: "look at the disk; the old file is untouched"
            }
        return ProfileError(
            .write, subject, reason: SystemError.message(error.errno), remedy: remedy, errno: error.errno)
    }

    /// Removes the file and every copy.
    func remove() throws(ProfileError) {
        let aside = try quarantined()
        do throws(SystemError) {
            // The copies first: a crash in between must not bring an old one back.
            for copy in aside { try FileTree.removeFile(copy, isDurable: true) }
            try FileTree.removeFile(previous, isDurable: true)
            try FileTree.removeFile(path, isDurable: true)
        } catch {
            throw ProfileError(
                .write, subject, reason: SystemError.message(error.errno), remedy: "make the directory writable",
                errno: error.errno)
        }
    }

    private func read<Value>(
        _ path: String, _ now: Date, _ notes: inout [String], _ decode: ([UInt8], String) throws(ProfileError) -> Value
    ) throws(ProfileError) -> Value? {
        let name = HostileText.escaped(path)
        var reason = ""
        var bytes: [UInt8] = []
        do throws(SystemError) {
            guard let found = try content(path) else { return nil }
            bytes = found
        } catch {
            switch error.errno {
            case EACCES, EPERM, EMFILE, ENFILE, ENOMEM:
                throw ProfileError(
                    .read, name, reason: SystemError.message(error.errno), remedy: "run as root", errno: error.errno)
            default: reason = SystemError.message(error.errno)
            }
        }
        if reason.isEmpty {
            do throws(ProfileError) {
                return try decode(bytes, name)
            } catch {
                // A later version wrote it: it is not damaged, and an older copy would undo what was learned since.
                guard !error.isOfLaterVersion else { throw error }
                reason = error.reason
            }
        }
        do throws(SystemError) {
            let aside = try setAside(path, now)
            notes.append("\(name): \(reason); it was moved to \(HostileText.escaped(aside))")
        } catch {
            notes.append("\(name): \(reason); it could not be moved aside: \(SystemError.message(error.errno))")
        }
        return nil
    }

    /// Puts the previous copy in the file's place. Its failing is no loss: the copy stays where it is.
    private func restore(_ notes: inout [String]) {
        do throws(SystemError) {
            if let bytes = try content(previous) { try AtomicFile.write(bytes, to: path, mode: 0o600) }
        } catch {
            notes.append("\(subject): cannot be written again: \(SystemError.message(error.errno))")
        }
    }

    private func content(_ path: String) throws(SystemError) -> [UInt8]? {
        do throws(SystemError) {
            return try FileBytes.read(path, limit: ProfileStore.sizeLimit, followsLink: false)
        } catch {
            if error.errno == ENOENT { return nil }
            throw error
        }
    }

    @discardableResult
    private func setAside(_ path: String, _ now: Date) throws(SystemError) -> String {
        let date = now.wholeSecond.formatted(.iso8601).filter { !"-:".contains($0) }
        var name = "\(path).damaged-\(date)"
        var number = 2
        while FileTree.exists(name), number < 100 {
            name = "\(path).damaged-\(date)-\(number)"
            number += 1
        }
        try FileTree.rename(path, to: name, isDurable: true)
        return name
    }

    /// The copies that were moved aside, by path.
    private func quarantined() throws(ProfileError) -> [String] {
        let parts = PathParts(path)
        do throws(SystemError) {
            return try FileTree.entries(of: parts.directory)
                .filter { $0.hasPrefix(parts.name + ".damaged-") || $0.hasPrefix(parts.name + ".previous.damaged-") }
                .map { parts.directory + "/" + $0 }
        } catch {
            if error.errno == ENOENT { return [] }
            throw ProfileError(
                .read, subject, reason: SystemError.message(error.errno), remedy: "look at the directory",
                errno: error.errno)
        }
    }
}
