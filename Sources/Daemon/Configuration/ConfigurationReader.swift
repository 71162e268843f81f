// SPDX-License-Identifier: Apache-2.0
import Containers
import Glibc
import Platform

/// Reads configuration files in systemd's syntax: `[Section]`, `Key=Value`, lines that begin with `#` or `;` are comments, a
/// backslash at the end of a line joins the next one with a space (comments between are passed over). Every flaw is found,
/// not only the first.
package struct ConfigurationReader {
    /// A file larger than this is no configuration, in bytes.
    package static let fileLimit = 1 << 20
    /// Drop-ins that are read.
    private static let dropInLimit = 256

    private var configuration = Configuration()
    private var flaws: [ConfigurationError] = []
    /// Where each key was set last.
    private var places: [ConfigurationKey: (file: String, line: Int)] = [:]
    private(set) var files: [String] = []

    private init() {}

    /// Reads a file, then `FILE.d/*.conf` in the order of their names, each overriding what came before.
    ///
    /// - Parameter isOptional: whether a missing file is the defaults rather than a flaw.
    /// - Returns: the configuration, the files it came from, and every flaw; with flaws the configuration is not to be used.
    package static func read(
        _ path: String, isOptional: Bool
    ) -> (configuration: Configuration, files: [String], flaws: [ConfigurationError]) {
        var reader = ConfigurationReader()
        reader.readFile(path, isOptional: isOptional)
        for path in reader.dropIns(of: path) { reader.readFile(path, isOptional: false) }
        reader.checkContradictions(path)
        reader.readWeights()
        return (reader.configuration, reader.files, reader.flaws)
    }

    /// Reads files that are in memory, in this order.
    package static func read(
        texts: [(file: String, bytes: [UInt8])]
    ) -> (configuration: Configuration, flaws: [ConfigurationError]) {
        var reader = ConfigurationReader()
        for (file, bytes) in texts { reader.parse(bytes, file: file) }
        reader.checkContradictions(texts.first?.file ?? "")
        return (reader.configuration, reader.flaws)
    }

    private mutating func readFile(_ path: String, isOptional: Bool) {
        do throws(SystemError) {
            let bytes = try FileBytes.read(path, limit: Self.fileLimit)
            files.append(path)
            parse(bytes, file: path)
        } catch {
            if isOptional, error.errno == ENOENT { return }
            flaws.append(
                ConfigurationError(
                    path, line: 0, reason: "cannot read it: \(SystemError.message(error.errno))",
                    remedy: "name a readable file of at most 1 MB"))
        }
    }

    private mutating func dropIns(of path: String) -> [String] {
        let directory = path + ".d"
        // SAFETY: the stream is closed below; an entry is read before the next one is asked for.
        guard let stream = unsafe opendir(directory) else {
            let failure = errno
            if failure != ENOENT, failure != ENOTDIR {
                flaws.append(
                    ConfigurationError(
                        directory, line: 0, reason: "cannot read it: \(SystemError.message(failure))",
                        remedy: "check its mode"))
            }
            return []
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name.hasSuffix(".conf"), !name.hasPrefix(".") { names.append(name) }
        }
        if names.count > Self.dropInLimit {
            flaws.append(ConfigurationError(directory, line: 0, reason: "it has more than \(Self.dropInLimit) files"))
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.prefix(Self.dropInLimit)
            .map { directory + "/" + $0 }
    }

    /// The file of weights that is named: a flaw of it is one of the configuration.
    private mutating func readWeights() {
        guard flaws.isEmpty, let file = configuration.weightsFile else { return }
        do throws(RiskWeightsError) {
            configuration.riskWeights = try RiskWeights(readingFile: file)
            files.append(file)
        } catch {
            flaws.append(
                ConfigurationError(error.file, line: error.line, reason: error.reason, remedy: error.remedy))
        }
    }

    private mutating func checkContradictions(_ path: String) {
        guard flaws.isEmpty, let (keys, reason) = configuration.contradiction else { return }
        // One of the two was set, for the defaults agree.
        let place = keys.compactMap { places[$0] }.first ?? (path, 1)
        flaws.append(ConfigurationError(place.file, line: place.line, reason: reason, remedy: "change one of the two"))
    }

    private mutating func parse(_ bytes: [UInt8], file: String) {
        var section: String?
        var isKnownSection = false
        var seen: [ConfigurationKey: Int] = [:]
        var joined: (text: String, line: Int)?
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, raw) in lines.enumerated() {
            let number = index + 1
            guard let text = String(validating: raw, as: UTF8.self), !raw.contains(0) else {
                flaws.append(ConfigurationError(file, line: number, reason: "the line is not UTF-8 text"))
                joined = nil
                continue
            }
            let trimmed = Self.trimmed(text[...])
            if trimmed.isEmpty, joined == nil { continue }
            if trimmed.hasPrefix("#") || trimmed.hasPrefix(";") { continue }
            var line = joined.map { $0.text + " " + trimmed } ?? String(trimmed)
            let start = joined?.line ?? number
            joined = nil
            if line.hasSuffix("\\"), number < lines.count {
                line.removeLast()
                joined = (String(Self.trimmed(line[...])), start)
                continue
            }
            if line.isEmpty { continue }
            if line.hasPrefix("[") {
                (section, isKnownSection) = enter(line, file: file, line: start)
            } else {
                set(line, in: section, isKnownSection, seen: &seen, file: file, line: start)
            }
        }
        if let joined {
            flaws.append(
                ConfigurationError(
                    file, line: joined.line, reason: "the file ends in a line that goes on",
                    remedy: "remove the backslash at its end"))
        }
    }

    private mutating func enter(_ text: String, file: String, line: Int) -> (name: String?, isKnown: Bool) {
        let name = String(text.dropFirst().dropLast())
        guard text.hasSuffix("]"), ConfigurationKey.sections.contains(name) else {
            let known = ConfigurationKey.sections.map { "[\($0)]" }.joined(separator: ", ")
            flaws.append(
                ConfigurationError(
                    file, line: line, reason: "unknown section \(Self.shown(text))", remedy: "the sections are \(known)"
                ))
            return (name, false)
        }
        return (name, true)
    }

    private mutating func set(
        _ text: String, in section: String?, _ isKnownSection: Bool, seen: inout [ConfigurationKey: Int], file: String,
        line: Int
    ) {
        func flaw(_ reason: String, _ remedy: String = "") {
            flaws.append(ConfigurationError(file, line: line, reason: reason, remedy: remedy))
        }
        guard let equals = text.firstIndex(of: "=") else {
            return flaw("\(Self.shown(text)) is neither Key=Value nor [Section]", "begin a comment with #")
        }
        let name = String(Self.trimmed(text[..<equals]))
        let value = String(Self.trimmed(text[text.index(after: equals)...]))
        guard let section else { return flaw("\(Self.shown(name))= is in no section", "put it below a [Section]") }
        // The section's own line was complained about already.
        guard isKnownSection else { return }
        guard let key = ConfigurationKey(rawValue: name) else {
            let near = ConfigurationKey.nearest(to: name)
            return flaw(
                "unknown key \(Self.shown(name))=",
                near.map { "did you mean \($0.rawValue)= in [\($0.section)]?" } ?? "remove it")
        }
        guard key.section == section else {
            return flaw("\(name)= is not a key of [\(section)]", "move it to [\(key.section)]")
        }
        if let first = seen[key] {
            return flaw("\(name)= is set twice, in line \(first) too", "remove one of the two")
        }
        seen[key] = line
        do throws(ConfigurationValueFlaw) {
            try key.apply(value, to: &configuration)
            places[key] = (file, line)
        } catch { flaw("\(name)= is \(Self.shown(value))", "it must be \(error.expected)") }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\r" }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }

    private static func shown(_ text: String) -> String { "\"" + HostileText.escaped(text.utf8.prefix(80)) + "\"" }
}
