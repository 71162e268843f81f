// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

extension Alert {
    /// The longest line that is taken for an alert, in bytes.
    package static let lineLimit = 256 * 1024

    /// The alert as one line of JSON with its line feed; keys are sorted.
    package func line() throws(AlertsError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self)) + [0x0A]
        } catch {
            throw AlertsError(
                .encode, id, reason: "it has a number that JSON cannot hold", remedy: "report it as a bug")
        }
    }

    /// Reads a line that `line()` wrote, with or without its line feed. Nil if it is none, is cut, or is of a later format.
    package init?(line: some Collection<UInt8>) {
        guard line.count <= Self.lineLimit, line.first == UInt8(ascii: "{"),
            let alert = try? JSONDecoder().decode(Alert.self, from: Data(line)), alert.schema == Self.schema
        else { return nil }
        self = alert
    }
}
