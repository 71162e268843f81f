// SPDX-License-Identifier: Apache-2.0

/// How many of the profiles that a directory holds may be of one owner, so that nobody whose containers come and go under
/// ever new names takes the place of what others run.
package struct ProfileQuota: Sendable {
    /// Whose containers a key is of: "root", "uid1000", or "unnamed" for what is known by its id only.
    package struct Owner: Hashable, Sendable, Comparable, CustomStringConvertible {
        package let description: String

        /// The owner of a key.
        package init(ofKey key: String) {
            let first = key.prefix { $0 != "/" }
            if first.count < key.count, first.hasPrefix("uid"), UInt32(first.dropFirst(3)) != nil {
                description = String(first)
            } else if key.utf8.count == 64, key.utf8.allSatisfy(Self.isHexadecimal) {
                description = "unnamed"
            } else {
                description = "root"
            }
        }

        private static func isHexadecimal(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }

        package static func < (left: Owner, right: Owner) -> Bool { left.description < right.description }
    }

    private let limit: Int
    private var counts: [Owner: Int] = [:]
    /// Profiles that were refused, by owner: each key is counted once, as far as they are remembered.
    package private(set) var refused: [Owner: Int] = [:]
    private var refusedKeys: Set<String> = []

    /// Keys remembered as refused, so that each is told once.
    private static let memory = 4096

    /// The quota of a directory that holds at most `limit` profiles, of which there are those with `keys`.
    package init(limit: Int, keys: some Sequence<String>) {
        self.limit = limit
        for key in keys { counts[Owner(ofKey: key), default: 0] += 1 }
    }

    /// How many profiles an owner may have: root three quarters of all, everybody else an eighth.
    package func most(of owner: Owner) -> Int {
        owner.description == "root" ? limit - limit / 4 : limit / 8
    }

    /// Why there is no room for a new profile; nil if there is.
    package func refusal(of key: String) -> String? {
        let owner = Owner(ofKey: key)
        let most = most(of: owner)
        if counts[owner, default: 0] >= most {
            return "\(owner) has \(most) profiles, which is its share of \(limit)"
        }
        return counts.values.reduce(0, +) >= limit ? "there are \(limit) profiles already" : nil
    }

    /// Counts a profile that is new, or (with `false`) one that came to nothing.
    package mutating func count(_ key: String, isThere: Bool = true) {
        counts[Owner(ofKey: key), default: 0] += isThere ? 1 : -1
    }

    /// Counts a refusal. True if this key was not refused before.
    package mutating func countRefused(_ key: String) -> Bool {
        guard !refusedKeys.contains(key) else { return false }
        if refusedKeys.count < Self.memory { refusedKeys.insert(key) }
        refused[Owner(ofKey: key), default: 0] += 1
        return true
    }
}
