// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
import Platform

/// The containers that are meant to run, by the keys of their profiles: `ringfence.inventory/v1`, a file of its own. Where
/// there is one, a container of any other key is told of.
package struct ApprovedInventory: Codable, Equatable, Sendable {
    /// The schema this build writes and reads.
    package static let schemaName = "ringfence.inventory/v1"
    /// How many keys it may have.
    package static let limit = 16_384
    /// The most bytes of a key.
    package static let keyLimit = 4096

    /// One key, and who approved it.
    package struct Approval: Codable, Equatable, Sendable {
        /// Who: the login name; escaped.
        package var author: String
        /// Why, in the words of the author; escaped.
        package var reason: String
        /// When, in whole seconds.
        package var date: Date

        /// An approval; both texts escaped.
        package init(author: String, reason: String, date: Date) {
            self.author = author
            self.reason = reason
            self.date = date
        }
    }

    package private(set) var schema = Self.schemaName
    /// By key.
    package private(set) var approved: [String: Approval] = [:]

    /// An inventory of nothing: every container is unexpected.
    package init() {}

    /// Whether a container of this key is meant to run.
    package func contains(_ key: String) -> Bool { approved[key] != nil }

    /// Adds keys, escaped as the daemon shows them; those that are there already keep their author. Returns the new ones.
    package mutating func approve(
        _ keys: some Sequence<String>, by author: String, reason: String, date: Date
    ) throws(ProfileError) -> [String] {
        var added: [String] = []
        for key in keys where approved[key] == nil {
            try Self.check(key, "the inventory", .review)
            approved[key] = Approval(author: author, reason: reason, date: date.wholeSecond)
            added.append(key)
        }
        guard approved.count <= Self.limit else {
            throw ProfileError(
                .review, "the inventory", reason: "it would have more than \(Self.limit) keys",
                remedy: "disapprove of what does not run any more")
        }
        return added
    }

    /// Takes a key out; false if it is not there.
    package mutating func disapprove(_ key: String) -> Bool { approved.removeValue(forKey: key) != nil }

    /// The inventory in the file at `path`; nil if there is none. A damaged file is moved aside and its previous copy used;
    /// without one this throws: "unreadable" is never "nothing is approved". `notes` says what was done.
    package static func load(
        _ path: String, now: Date
    ) throws(ProfileError) -> (inventory: ApprovedInventory?, notes: [String]) {
        let loaded = try KeptFile(path: path).load(now: now) { bytes, subject throws(ProfileError) in
            try decode(bytes, from: subject)
        }
        return (loaded.value, loaded.notes)
    }

    /// Writes the file so that a crash or a power cut leaves the old or the new, whole; the old one is kept as `.previous`.
    package func save(to path: String, now: Date) throws(ProfileError) {
        let bytes: [UInt8]
        do { bytes = try ProfileLayout.encode(self) } catch {
            throw ProfileError(
                .write, "the inventory", reason: "it cannot be expressed in JSON", remedy: "report this as a bug")
        }
        try KeptFile(path: path).save(bytes, now: now) { bytes, subject throws(ProfileError) in
            _ = try Self.decode(bytes, from: subject)
        }
    }

    /// Removes the file and its copies: there is no inventory any more.
    package static func remove(_ path: String) throws(ProfileError) { try KeptFile(path: path).remove() }

    /// The inventory in a file's content.
    package static func decode(_ bytes: [UInt8], from subject: String) throws(ProfileError) -> ApprovedInventory {
        if let flaw = JSONDuplicateKeys.firstFlaw(in: bytes) {
            throw ProfileStore.damaged(subject, "\(flaw.what), in line \(flaw.line)")
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let inventory = try? decoder.decode(ApprovedInventory.self, from: Data(bytes)) else {
            throw ProfileStore.damaged(subject, "it is not a list of approved containers")
        }
        guard inventory.schema == schemaName else {
            throw ProfileStore.damaged(subject, "its schema is not \(schemaName)")
        }
        guard inventory.approved.count <= limit else { throw ProfileStore.damaged(subject, "it has too many keys") }
        for (key, approval) in inventory.approved {
            try check(key, subject, .read)
            for text in [approval.author, approval.reason] where !HostileText.isEscaped(text) {
                throw ProfileStore.damaged(subject, "it has text that is not escaped")
            }
        }
        return inventory
    }

    private static func check(_ key: String, _ subject: String, _ step: ProfileError.Step) throws(ProfileError) {
        guard !key.isEmpty, key.utf8.count <= keyLimit, HostileText.isEscaped(key) else {
            throw ProfileError(
                step, HostileText.safe(subject), reason: "\"\(HostileText.safe(key))\" is no key of a container",
                remedy: "write keys as `ringfence containers` shows them")
        }
    }
}
