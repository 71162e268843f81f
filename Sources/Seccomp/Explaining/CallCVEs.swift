// SPDX-License-Identifier: Apache-2.0

/// Known flaws of the kernel that were reached through a call: `profiles/call-cves.conf`.
package enum CallCVEs {
    /// One line of the list.
    package struct Entry: Equatable, Sendable {
        /// A call, `socket:FAMILY` or `clone:FLAG`.
        package let item: String
        /// `CVE-2016-0728`
        package let cve: String
        /// What was wrong, in a few words.
        package let flaw: String
    }

    /// Every entry, in the order of the list.
    package static let entries: [Entry] = parse(String(decoding: EmbeddedData.callCVEs, as: UTF8.self)) ?? []

    /// Those of a call, with those of its families or flags; oldest first.
    package static func of(_ call: String) -> [Entry] {
        entries.filter { $0.item == call || $0.item.hasPrefix(call + ":") }.sorted { $0.cve < $1.cve }
    }

    /// The entries of a list; nil if a line is not `item CVE-YEAR-NUMBER flaw`.
    package static func parse(_ text: String) -> [Entry]? {
        var entries: [Entry] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count == 3 else { return nil }
            let parts = words[1].split(separator: "-")
            guard parts.count == 3, parts[0] == "CVE", parts[1].count == 4,
                parts[1...].allSatisfy({ $0.allSatisfy(\.isNumber) })
            else { return nil }
            entries.append(Entry(item: words[0], cve: words[1], flaw: words[2]))
        }
        return entries
    }
}
