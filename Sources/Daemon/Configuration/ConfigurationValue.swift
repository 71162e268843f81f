// SPDX-License-Identifier: Apache-2.0

/// Why a value is not taken: what would be, as a noun phrase after "it must be".
struct ConfigurationValueFlaw: Error, Equatable {
    let expected: String
}

/// Values with units, as people write them.
enum ConfigurationValue {
    private static let timeUnits: [String: Int64] = [
        "ms": 1, "s": 1000, "sec": 1000, "second": 1000, "seconds": 1000, "": 1000, "m": 60_000, "min": 60_000,
        "minute": 60_000, "minutes": 60_000, "h": 3_600_000, "hr": 3_600_000, "hour": 3_600_000, "hours": 3_600_000,
        "d": 86_400_000, "day": 86_400_000, "days": 86_400_000, "w": 604_800_000, "week": 604_800_000,
        "weeks": 604_800_000,
    ]
    private static let sizeUnits: [String: UInt64] = [
        "": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40,
    ]

    /// `24h`, `10min`, `1h 30min`, as systemd.time(7); a bare number is seconds. Whole milliseconds.
    static func duration(_ text: String, _ range: ClosedRange<Duration>) throws(ConfigurationValueFlaw) -> Duration {
        let flaw = ConfigurationValueFlaw(
            expected: "a time from \(render(range.lowerBound)) to \(render(range.upperBound)), as 90s, 10min or 24h")
        var rest = text[...]
        var total: Int64 = 0
        repeat {
            guard let (number, unit, behind) = numberAndUnit(rest), let factor = timeUnits[unit] else { throw flaw }
            let part = number.multipliedReportingOverflow(by: factor)
            let sum = total.addingReportingOverflow(part.partialValue)
            guard !part.overflow, !sum.overflow else { throw flaw }
            total = sum.partialValue
            rest = behind
        } while !rest.isEmpty
        let duration = Duration.milliseconds(total)
        guard range.contains(duration) else { throw flaw }
        return duration
    }

    /// `64M`, in powers of 1,024.
    static func size(_ text: String, _ range: ClosedRange<UInt64>) throws(ConfigurationValueFlaw) -> UInt64 {
        let flaw = ConfigurationValueFlaw(
            expected: "a size from \(render(range.lowerBound)) to \(render(range.upperBound)), as 64M")
        guard let (number, unit, rest) = numberAndUnit(text[...]), rest.isEmpty, let factor = sizeUnits[unit] else {
            throw flaw
        }
        let bytes = UInt64(number).multipliedReportingOverflow(by: factor)
        guard !bytes.overflow, range.contains(bytes.partialValue) else { throw flaw }
        return bytes.partialValue
    }

    /// `5%` or `2.5%`, as a share of 1.
    static func share(_ text: String) throws(ConfigurationValueFlaw) -> Double {
        guard text.hasSuffix("%"), text.utf8.count <= 16,
            text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
            let number = Double(text.dropLast()), number >= 0.1, number <= 50
        else { throw ConfigurationValueFlaw(expected: "a percentage from 0.1% to 50%") }
        // Thousandths of a percent, so that it can be written again as it was read.
        return (number * 1000).rounded() / 100_000
    }

    /// A whole number.
    static func count(_ text: String, _ range: ClosedRange<UInt32>) throws(ConfigurationValueFlaw) -> UInt32 {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt32(text), range.contains(number)
        else {
            throw ConfigurationValueFlaw(expected: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// As systemd takes truth values.
    static func flag(_ text: String) throws(ConfigurationValueFlaw) -> Bool {
        switch text {
        case "yes", "true", "on", "1": return true
        case "no", "false", "off", "0": return false
        default: throw ConfigurationValueFlaw(expected: "yes or no")
        }
    }

    /// One of an enumeration's words.
    static func word<Word: RawRepresentable & CaseIterable>(
        _ text: String
    ) throws(ConfigurationValueFlaw) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: text) else {
            throw ConfigurationValueFlaw(expected: "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return word
    }

    /// An absolute path without `.`, `..` and control characters, without a slash at the end.
    static func path(_ text: String) throws(ConfigurationValueFlaw) -> String {
        let parts = text.split(separator: "/", omittingEmptySubsequences: true)
        guard text.hasPrefix("/"), !parts.isEmpty, text.utf8.count < 4096, !parts.contains("."), !parts.contains(".."),
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }), parts.last?.last != " "
        else { throw ConfigurationValueFlaw(expected: "an absolute path without ., .. and backslashes") }
        return "/" + parts.joined(separator: "/")
    }

    /// A socket's path: unix(7) takes 107 bytes.
    static func socketPath(_ text: String) throws(ConfigurationValueFlaw) -> String {
        let path = try path(text)
        guard path.utf8.count <= 107 else {
            throw ConfigurationValueFlaw(expected: "a path of at most 107 bytes, which is all that sockets take")
        }
        return path
    }

    /// A user's or group's name.
    static func name(_ text: String) throws(ConfigurationValueFlaw) -> String {
        guard text.utf8.count <= 31, let first = text.utf8.first, first != UInt8(ascii: "-"),
            text.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0)
                    || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            })
        else { throw ConfigurationValueFlaw(expected: "the name of a group") }
        return text
    }

    /// A command line: words at spaces, "..." and '...' keep them together. The first is an absolute path.
    static func command(_ text: String) throws(ConfigurationValueFlaw) -> [String] {
        let flaw = ConfigurationValueFlaw(expected: "an absolute path and its arguments, with quotes that are closed")
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character == " " || character == "\t" {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let done = word { words.append(done) }
        guard quote == nil, let program = words.first, program.hasPrefix("/"), words.count <= 64 else { throw flaw }
        return words
    }

    private static func numberAndUnit(_ text: Substring) -> (number: Int64, unit: String, rest: Substring)? {
        let start = text.drop { $0 == " " }
        let digits = start.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits) else { return nil }
        let behind = start.dropFirst(digits.count).drop { $0 == " " }
        let unit = behind.prefix { $0.isASCII && $0.isLetter }
        return (number, String(unit), behind.dropFirst(unit.count).drop { $0 == " " })
    }

    /// A time in the largest unit that holds it whole.
    static func render(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        for (unit, factor) in [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)] as [(String, Int64)]
        where milliseconds != 0 && milliseconds % factor == 0 {
            // A day is better known as 24 hours here.
            if unit == "d", milliseconds == factor { continue }
            return "\(milliseconds / factor)\(unit)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }

    /// A size in the largest unit that holds it whole.
    static func render(_ bytes: UInt64) -> String {
        for (unit, shift) in [("T", 40), ("G", 30), ("M", 20), ("K", 10)] as [(String, UInt64)]
        where bytes != 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return String(bytes)
    }

    /// A share of 1 as a percentage, to its thousandth.
    static func render(share: Double) -> String {
        let thousandths = Int((share * 100_000).rounded())
        guard thousandths % 1000 != 0 else { return "\(thousandths / 1000)%" }
        var digits = String(thousandths % 1000)
        while digits.utf8.count < 3 { digits = "0" + digits }
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(thousandths / 1000).\(digits)%"
    }

    /// A command line that `command` reads as these words.
    static func render(command words: [String]) -> String {
        words.map { word in
            let isPlain = word.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0)
                    || "@%+=:,./_-".utf8.contains($0)
            }
            if isPlain, !word.isEmpty { return word }
            return "\"" + word.replacing("\"", with: "\"'\"'\"") + "\""
        }.joined(separator: " ")
    }
}
