// SPDX-License-Identifier: Apache-2.0
import Platform

/// Wall time in milliseconds since 1970, written as "2026-11-21T07:06:39.123Z".
package struct WallTime: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Between the years 0 and 9999; what is beyond is taken to the nearest.
    package let milliseconds: Int64

    private static let bounds: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// So many milliseconds since 1970-01-01 00:00 UTC.
    package init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, Self.bounds.lowerBound), Self.bounds.upperBound)
    }

    package static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

    /// Later by `milliseconds`.
    package func advanced(byMilliseconds milliseconds: Int64) -> WallTime {
        WallTime(milliseconds: self.milliseconds.addingReportingOverflow(milliseconds).partialValue)
    }

    package var description: String { date + "T" + time + "Z" }

    /// "2026-11-21", in UTC.
    package var date: String {
        let (year, month, day) = Self.civil(fromDay: Self.floorDivided(milliseconds, 86_400_000))
        return "\(String(year, digits: 4))-\(String(month, digits: 2))-\(String(day, digits: 2))"
    }

    /// "07:06:39.123", in UTC.
    package var time: String {
        let rest = milliseconds - Self.floorDivided(milliseconds, 86_400_000) * 86_400_000
        let seconds = rest / 1000
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { String($0, digits: 2) }
        return clock.joined(separator: ":") + "." + String(rest % 1000, digits: 3)
    }

    /// Reads what `description` writes; the fraction may be absent.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let marks: [(Int, UInt8)] = [(4, 0x2D), (7, 0x2D), (10, 0x54), (13, 0x3A), (16, 0x3A)]
        guard bytes.count == 20 || bytes.count == 24, bytes.last == 0x5A, marks.allSatisfy({ bytes[$0.0] == $0.1 }),
            bytes.count == 20 || bytes[19] == 0x2E
        else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            bytes[range].reduce(Int64?.some(0)) { sum, byte in
                guard let sum, 0x30...0x39 ~= byte else { return nil }
                return sum * 10 + Int64(byte - 0x30)
            }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19),
            let fraction = bytes.count == 24 ? number(20..<23) : 0,
            1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second < 60
        else { return nil }
        let seconds = (Self.day(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
        self.init(milliseconds: seconds * 1000 + fraction)
        // The 31st of a shorter month would be a day of the next one.
        guard date.utf8.elementsEqual(bytes[..<10]) else { return nil }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let time = WallTime(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// Days since 1970 of a date of the Gregorian calendar. A year is counted from March, so that the leap day is its last.
    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = floorDivided(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = floorDivided(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
    }

    private static func floorDivided(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }
}
