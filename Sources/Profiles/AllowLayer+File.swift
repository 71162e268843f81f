// SPDX-License-Identifier: Apache-2.0
import Events
package import FoundationEssentials
import Platform

extension AllowLayer {
    /// The decisions in the file at `path`, or none if there never was one. A damaged file is moved aside and its previous
    /// copy used; without one this throws: "unreadable" is never "nothing is allowed". `notes` says what was done.
    package static func load(_ path: String, now: Date) throws(ProfileError) -> (layer: AllowLayer, notes: [String]) {
        let loaded = try KeptFile(path: path).load(now: now) { bytes, subject throws(ProfileError) in
            try decode(bytes, from: subject)
        }
        return (loaded.value ?? AllowLayer(), loaded.notes)
    }

    /// Writes the file so that a crash leaves the old or the new, whole; the old one is kept as `.previous`.
    package func save(to path: String, now: Date) throws(ProfileError) {
        try KeptFile(path: path).save(try encode(), now: now) { bytes, subject throws(ProfileError) in
            _ = try Self.decode(bytes, from: subject)
        }
    }

    /// The file's content: sorted keys, a line for each decision.
    package func encode() throws(ProfileError) -> [UInt8] {
        var tidy = self
        tidy.allows = allows.map(Self.tidied)
        do {
            return try ProfileLayout.encode(tidy)
        } catch {
            throw ProfileError(
                .write, "the allowed entries", reason: "they cannot be expressed in JSON: \(error)",
                remedy: "report this as a bug")
        }
    }

    /// The decisions in a file's content, with the same strictness as `ProfileStore.decode`.
    package static func decode(_ bytes: [UInt8], from subject: String) throws(ProfileError) -> AllowLayer {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let layer: AllowLayer
        do {
            layer = try decoder.decode(AllowLayer.self, from: Data(bytes))
        } catch {
            let flaw = JSONDuplicateKeys.firstFlaw(in: bytes).map { "\($0.what), in line \($0.line)" }
            throw ProfileStore.damaged(subject, flaw ?? "it is not a list of allowed entries")
        }
        guard layer.schema == schemaName else {
            throw ProfileStore.damaged(subject, "its schema is not \(schemaName)")
        }
        if let (key, line) = JSONDuplicateKeys.firstDuplicate(in: bytes) {
            throw ProfileStore.damaged(subject, "line \(line) has the key \"\(key)\" for a second time")
        }
        guard layer.allows.count <= limit else { throw ProfileStore.damaged(subject, "it has too many decisions") }
        for allow in layer.allows { try check(allow, step: .read, subject: subject) }
        if let unknown = JSONFields.paths(in: bytes).subtracting(JSONFields.paths(in: try layer.encode())).min() {
            throw ProfileStore.damaged(subject, "it has the unknown field \(HostileText.escaped(unknown))")
        }
        return layer
    }

    /// Whether an entry can be allowed: those of profiles, and `sessions/PATH`, a program that may be started from outside.
    package static func canHold(_ entry: String) -> Bool {
        ProfileEntry.isValid(entry) || (entry.hasPrefix("sessions/") && entry.utf8.count > "sessions/".utf8.count)
    }

    static func check(_ allow: Allow, step: ProfileError.Step, subject: String) throws(ProfileError) {
        guard canHold(allow.entry) else {
            throw ProfileError(
                step, HostileText.safe(subject),
                reason: "\"\(HostileText.safe(allow.entry))\" is not an entry of a profile",
                remedy: "write \(ProfileEntry.forms)")
        }
        guard !allow.author.isEmpty, allow.reason.contains(where: { !$0.isWhitespace }) else {
            throw ProfileError(
                step, HostileText.safe(subject),
                reason: "\(HostileText.safe(allow.entry)) is allowed without author or reason",
                remedy: "say who allows it, and why")
        }
        guard step == .read else { return }
        for value in [allow.entry, allow.author, allow.reason, allow.scope.text] where !HostileText.isEscaped(value) {
            throw ProfileStore.damaged(subject, "it has text with control or formatting characters")
        }
    }

    static func tidied(_ allow: Allow) -> Allow {
        var tidy = Allow(
            entry: HostileText.safe(allow.entry), scope: allow.scope, author: HostileText.safe(allow.author),
            reason: HostileText.safe(allow.reason), date: allow.date.wholeSecond, expiry: allow.expiry?.wholeSecond)
        switch allow.scope {
        case .key(let key): tidy.scope = .key(HostileText.safe(key))
        case .pattern(let pattern): tidy.scope = .pattern(HostileText.safe(pattern))
        case .all: break
        }
        tidy.revoked = allow.revoked
        return tidy
    }
}

extension ProfileEntry {
    /// The number of the socket family in `socket:AF_INET6`; nil for anything else.
    package static func family(_ name: String) -> UInt32? {
        let parts = name.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0] == "socket" || parts[0] == "socketpair" else { return nil }
        return SocketFamily.number(String(parts[1])).flatMap { UInt32(exactly: $0) }.flatMap { $0 < 64 ? $0 : nil }
    }

    /// Whether a profile of some architecture could have this entry; `clone:` and `socket:` items count as calls.
    package static func isValid(_ entry: String) -> Bool {
        let parts = entry.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        switch parts.first {
        case "calls" where parts.count == 3:
            return Architecture.allCases.contains { architecture in
                CallABI.allCases.contains { abi in
                    abi.name(on: architecture) == parts[1]
                        && (SyscallTable.table(abi, on: architecture).number(parts[2]) != nil
                            || NeverAllow.tier(of: parts[2]) != nil || family(parts[2]) != nil)
                }
            }
        case "ioUring" where parts.count == 2: return IOUringOperation.opcode(parts[1]) != nil
        case "peers": return PeerName(String(entry.dropFirst("peers/".count))) != nil
        case "credentials": return CredentialName(String(entry.dropFirst("credentials/".count))) != nil
        case "parents":
            let pair = entry.dropFirst("parents/".count)
            return !pair.hasPrefix(parentMark) && !pair.hasSuffix(parentMark) && pair.contains(parentMark)
        case "executables": return entry.utf8.count > "executables/".utf8.count
        default: return false
        }
    }
}

extension HostileText {
    /// Text that was not escaped where it entered is escaped now; other text stays as it is.
    static func safe(_ text: String) -> String { isEscaped(text) ? text : escaped(text) }
}

extension Date {
    /// The second that it is in, within the years that a file can express.
    var wholeSecond: Date {
        let seconds = timeIntervalSince1970.rounded(.down)
        return Date(timeIntervalSince1970: min(max(seconds, -62_135_596_800), 253_402_300_799))
    }
}
