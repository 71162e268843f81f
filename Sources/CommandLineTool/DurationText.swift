// SPDX-License-Identifier: Apache-2.0

/// Durations as people write them: `90`, `90s`, `1.5m`, `2h`, `250ms`.
enum DurationText {
    /// Seconds, or nil if it is no duration or not positive.
    static func seconds(_ text: String) -> Double? {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)]
        let unit = units.first { text.hasSuffix($0.0) }
        guard let number = Double(text.dropLast(unit?.0.count ?? 0)), number.isFinite, number > 0 else { return nil }
        return number * (unit?.1 ?? 1)
    }
}
