// SPDX-License-Identifier: Apache-2.0
internal import CRiskData
import Events
import Platform

/// How many points each thing adds to a container's risk score: `profiles/risk-weights.conf`, or a file like it.
package struct RiskWeights: Equatable, Sendable {
    /// One line of the file.
    package struct Entry: Equatable, Sendable {
        package let points: Int
        package let item: String
        /// Why it counts, in a few words; escaped.
        package let meaning: String
    }

    /// A path of the host whose being in a container counts.
    struct HostFile: Equatable, Sendable {
        let path: String
        /// Whether what lies below it counts as well.
        let holdsMore: Bool
        let entry: Entry
    }

    /// Items without parts.
    private static let plain: Set<String> = [
        "privileged", "root-user", "no-user-namespace", "engine-socket", "no-seccomp", "new-privileges", "no-lsm",
        "writable-root", "all-devices", "device", "no-memory-limit", "no-pids-limit", "no-cpu-limit", "published-port",
        "secret-in-environment", "tier-0-call", "tier-1-call", "unknown",
    ]
    /// A file larger than this is none, in bytes.
    private static let sizeLimit = 1 << 20

    /// By item.
    private let entries: [String: Entry]
    let hostFiles: [HostFile]

    /// How many items there are.
    package var count: Int { entries.count }

    /// The entry of an item; nil for what is not listed.
    package subscript(item: String) -> Entry? { entries[item] }

    /// Those that the program carries inside.
    package static let standard = (try? RiskWeights(parsing: embedded, file: "risk-weights.conf")) ?? RiskWeights([])

    private init(_ list: [Entry]) {
        entries = Dictionary(list.map { ($0.item, $0) }) { first, _ in first }
        hostFiles = list.filter { $0.item.hasPrefix("mount:") }.map { entry in
            let path = entry.item.dropFirst("mount:".count)
            return HostFile(
                path: HostPath.normal(String(path)), holdsMore: path.hasSuffix("/") && path != "/", entry: entry)
        }
    }

    /// The weights in the file at `path`.
    package init(readingFile path: String) throws(RiskWeightsError) {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try FileBytes.read(path, limit: Self.sizeLimit) } catch {
            throw RiskWeightsError(
                file: path, line: 0, reason: "cannot read it: \(SystemError.message(error.errno))",
                remedy: "name a readable file of at most 1 MB, or leave WeightsFile= empty")
        }
        try self.init(parsing: bytes, file: path)
    }

    /// The weights in a file's content; `file` is its name for errors.
    package init(parsing bytes: [UInt8], file: String) throws(RiskWeightsError) {
        var list: [Entry] = []
        var lines: [String: Int] = [:]
        for (index, raw) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            guard let line = String(validating: raw, as: UTF8.self), !raw.contains(0) else {
                throw RiskWeightsError(
                    file: file, line: number, reason: "the line is not UTF-8 text", remedy: "write it anew")
            }
            let words = line.split(maxSplits: 2, whereSeparator: Self.isSpace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            let entry = try Self.entry(words, file, number)
            if let before = lines.updateValue(number, forKey: entry.item) {
                throw RiskWeightsError(
                    file: file, line: number, reason: "\(Self.shown(entry.item)) is in line \(before) already",
                    remedy: "remove one of the two")
            }
            list.append(entry)
        }
        self.init(list)
    }

    private static func entry(_ words: [Substring], _ file: String, _ line: Int) throws(RiskWeightsError) -> Entry {
        guard words.count >= 2 else {
            throw RiskWeightsError(
                file: file, line: line, reason: "\(shown(words.joined())) is not `points item meaning`",
                remedy: "begin a comment with #")
        }
        guard words[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let points = Int(words[0]), points <= 100 else {
            throw RiskWeightsError(
                file: file, line: line, reason: "\(shown(words[0])) is no number of points",
                remedy: "write a whole number from 0 to 100")
        }
        let item = String(words[1])
        if let lack = lack(of: item) {
            throw RiskWeightsError(file: file, line: line, reason: "\(shown(item)) is no item", remedy: lack)
        }
        let meaning = words.count > 2 ? words[2].trimmed : ""
        return Entry(points: points, item: item, meaning: HostileText.escaped(meaning.utf8.prefix(256)))
    }

    /// What an item lacks, as a request; nil if it is one.
    private static func lack(of item: String) -> String? {
        if plain.contains(item) { return nil }
        let parts = item.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            return
                "items are \(plain.sorted().joined(separator: ", ")), host-namespace:KIND, capability:NAME and mount:PATH"
        }
        switch parts[0] {
        case "host-namespace":
            return Posture.Namespace(rawValue: parts[1]) == nil
                ? "a kind is \(Posture.Namespace.allCases.map(\.rawValue).joined(separator: ", "))" : nil
        case "capability":
            return CapabilitySet(names: [parts[1]])?.names == [parts[1]]
                ? nil : "write a capability as capabilities(7) does, as CAP_SYS_ADMIN"
        case "mount":
            let path = parts[1]
            let isNormal = HostPath.normal(path) + (path.hasSuffix("/") && path != "/" ? "/" : "") == path
            return isNormal ? nil : "write an absolute path without . and .., with /run for /var/run"
        default: return "write host-namespace:KIND, capability:NAME or mount:PATH"
        }
    }

    private static func shown(_ text: some StringProtocol) -> String {
        "\"" + HostileText.escaped(text.utf8.prefix(80)) + "\""
    }

    fileprivate static func isSpace(_ character: Character) -> Bool {
        character == " " || character == "\t" || character == "\r"
    }

    private static var embedded: [UInt8] {
        // SAFETY: the bytes are a constant of the program, as many as the size says.
        unsafe Array(UnsafeBufferPointer(start: rf_risk_weights().bytes, count: rf_risk_weights().size))
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop(while: RiskWeights.isSpace)
        while let last = text.last, RiskWeights.isSpace(last) { text.removeLast() }
        return text
    }
}
