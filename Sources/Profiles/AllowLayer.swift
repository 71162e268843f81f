// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
import Platform

/// What people allowed beside what was learned: `ringfence.allow/v1`, a file of its own. Nothing in it is ever deleted:
/// what has expired or was revoked is history.
package struct AllowLayer: Codable, Equatable, Sendable {
    /// The schema this build writes and reads.
    package static let schemaName = "ringfence.allow/v1"

    /// The profiles that a decision is for.
    package enum Scope: Codable, Equatable, Hashable, Sendable {
        /// The profile with this key.
        case key(String)
        /// Profiles whose key fits: `*` is any text, `?` one character.
        case pattern(String)
        case all

        /// Whether a profile with this key is meant.
        package func includes(_ key: String) -> Bool {
            switch self {
            case .key(let own): own == key
            case .pattern(let pattern): GlobPattern(pattern, .wildcards).matches(key)
            case .all: true
            }
        }

        /// `key KEY`, `pattern PATTERN` or `all`: the form in the file and on the terminal.
        package var text: String {
            switch self {
            case .key(let key): "key \(key)"
            case .pattern(let pattern): "pattern \(pattern)"
            case .all: "all"
            }
        }

        /// The scope that `text` is the form of.
        package init?(text: String) {
            if text == "all" {
                self = .all
            } else if text.hasPrefix("key "), text.utf8.count > 4 {
                self = .key(String(text.dropFirst(4)))
            } else if text.hasPrefix("pattern "), text.utf8.count > 8 {
                self = .pattern(String(text.dropFirst(8)))
            } else {
                return nil
            }
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            guard let scope = Scope(text: try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a scope")
            }
            self = scope
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
    }

    /// One decision.
    package struct Allow: Codable, Equatable, Sendable {
        /// What is allowed, by its `ProfileEntry` name.
        package var entry: String
        package var scope: Scope
        /// Who: the login name; escaped.
        package var author: String
        /// Why, in the words of the author; escaped.
        package var reason: String
        package var date: Date
        /// From when on it no longer counts; nil: never.
        package var expiry: Date?
        /// Who took it back, if anybody did.
        package var revoked: ProfileLearning.Vouch?

        /// A decision that nobody took back.
        package init(
            entry: String, scope: Scope, author: String, reason: String, date: Date, expiry: Date? = nil
        ) {
            self.entry = entry
            self.scope = scope
            self.author = author
            self.reason = reason
            self.date = date
            self.expiry = expiry
        }

        /// Whether it counts at `now`.
        package func isActive(_ now: Date) -> Bool { revoked == nil && expiry.map { now < $0 } ?? true }
    }

    /// Always `schemaName`.
    package private(set) var schema = Self.schemaName
    /// Every decision, oldest first.
    package internal(set) var allows: [Allow] = []

    /// The most decisions that a file holds.
    package static let limit = 65_536

    /// Nothing is allowed.
    package init() {}

    /// Whether `entry` is allowed for the profile with `key` at `now`.
    package func allows(key: String, entry: String, now: Date) -> Bool {
        allows.contains { $0.entry == entry && $0.isActive(now) && $0.scope.includes(key) }
    }

    /// Every entry that is allowed for the profile with `key` at `now`.
    package func allowed(key: String, now: Date) -> Set<String> {
        Set(allows.filter { $0.isActive(now) && $0.scope.includes(key) }.map(\.entry))
    }

    /// When the next decision expires after `now`: tables compiled before have to be made anew then. Nil: none does.
    package func nextExpiry(after now: Date) -> Date? {
        allows.filter { $0.isActive(now) }.compactMap(\.expiry).min()
    }

    /// Adds a decision. Throws for an entry that no profile could have, a lack of author or reason, an expiry that is
    /// not after the date, and a full file.
    package mutating func add(_ allow: Allow) throws(ProfileError) {
        try Self.check(allow, step: .write, subject: allow.entry)
        if let expiry = allow.expiry, expiry <= allow.date {
            throw ProfileError(
                .write, allow.entry, reason: "it would expire before it counts", remedy: "give a later expiry")
        }
        guard allows.count < Self.limit else {
            throw ProfileError(
                .write, allow.entry, reason: "there are \(Self.limit) decisions already",
                remedy: "move the file of allowed entries away and allow what is still needed")
        }
        allows.append(Self.tidied(allow))
    }

    /// Takes back every decision for exactly this entry and scope that counts at `date`, and returns how many there were.
    @discardableResult
    package mutating func revoke(
        entry: String, scope: Scope, author: String, reason: String, date: Date
    ) -> Int {
        var count = 0
        for index in allows.indices
        where allows[index].entry == entry && allows[index].scope == scope && allows[index].isActive(date) {
            allows[index].revoked = ProfileLearning.Vouch(
                author: HostileText.safe(author), reason: HostileText.safe(reason), date: date.wholeSecond)
            count += 1
        }
        return count
    }
}
