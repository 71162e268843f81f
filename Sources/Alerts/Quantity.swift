// SPDX-License-Identifier: Apache-2.0

/// Numbers as people say them.
package enum Quantity {
    /// "9999", "12.3 k", "3.2 M": never rounded up.
    static func of(_ number: UInt64) -> String {
        guard number >= 10_000 else { return String(number) }
        var unit: UInt64 = 1000
        var names = ["k", "M", "G", "T", "P", "E"][...]
        while names.count > 1, number / unit >= 1000 {
            unit *= 1000
            names = names.dropFirst()
        }
        return "\(number / unit).\(number % unit / (unit / 10)) \(names.first ?? "")"
    }

    /// "14 instances", "1 instance".
    static func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// "6 days", "3 hours", "1 minute", "20 seconds": the largest unit that fits twice, never rounded up.
    package static func span(seconds: Int64) -> String {
        for (unit, name) in [(Int64(86_400), "day"), (3600, "hour"), (60, "minute")] where seconds >= 2 * unit {
            return counted(Int(seconds / unit), name)
        }
        return counted(Int(max(0, seconds)), "second")
    }
}
