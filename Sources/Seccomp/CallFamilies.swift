// SPDX-License-Identifier: Apache-2.0

/// Calls that stand in for one another: `profiles/call-families.conf`.
package enum CallFamilies {
    /// One line of the list.
    package struct Family: Equatable, Sendable {
        package let name: String
        package let calls: [String]
        package let reason: String
    }

    /// Every family, in the order of the list; no call is in two.
    package static let all: [Family] = parse(String(decoding: EmbeddedData.callFamilies, as: UTF8.self)) ?? []

    /// The families of a list; nil if a line is not `family call,call,... reason`.
    package static func parse(_ text: String) -> [Family]? {
        var families: [Family] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true).map(String.init)
            guard words.count == 3 else { return nil }
            let reason = String(words[2].drop { $0 == " " })
            families.append(
                Family(name: words[0], calls: words[1].split(separator: ",").map(String.init), reason: reason))
        }
        return families
    }
}
