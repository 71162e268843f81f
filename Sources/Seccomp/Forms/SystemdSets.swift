// SPDX-License-Identifier: Apache-2.0

/// systemd's names for sets of calls: `profiles/systemd-sets.conf`.
package enum SystemdSets {
    /// Members by name, `@timer`; in systemd 252.
    package static let all = parse(String(decoding: EmbeddedData.systemdSets, as: UTF8.self)) ?? [:]

    /// What systemd allows beside every list of allowed calls.
    package static var implied: Set<String> { all["@default"] ?? [] }

    /// The sets of a list; nil if a line is not `set call,call,...`.
    package static func parse(_ text: String) -> [String: Set<String>]? {
        var sets: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard words.count == 2, words[0].hasPrefix("@") else { return nil }
            sets[String(words[0])] = Set(words[1].split(separator: ",").map(String.init))
        }
        return sets
    }
}
