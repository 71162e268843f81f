// SPDX-License-Identifier: Apache-2.0

/// Builds a page of metrics in Prometheus' text format, version 0.0.4.
package struct MetricsText {
    /// How a metric's value behaves.
    package enum Kind: String, Sendable { case counter, gauge }

    /// The Content-Type of a page.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The page so far.
    package private(set) var bytes: [UInt8] = []
    private var described: Set<String> = []

    /// An empty page.
    package init() {}

    /// Begins a metric; its samples follow with `sample`. The format wants each metric in one piece.
    ///
    /// - Precondition: the name is `[a-zA-Z_:][a-zA-Z0-9_:]*` and was not described before.
    package mutating func describe(_ name: String, _ kind: Kind, help: String) {
        precondition(Self.isName(name, colons: true), "\(name) is no name of a metric")
        precondition(described.insert(name).inserted, "\(name) is described twice")
        append("# HELP \(name) ")
        append(Self.escaped(help, quotes: false))
        append("\n# TYPE \(name) \(kind.rawValue)\n")
    }

    /// Adds a value.
    ///
    /// - Precondition: the metric was described; label names are `[a-zA-Z_][a-zA-Z0-9_]*`. Label values may be anything.
    package mutating func sample(_ name: String, labels: KeyValuePairs<String, String> = [:], _ value: UInt64) {
        sample(name, labels: labels, text: String(value))
    }

    /// Adds a value that is not whole. Infinite and undefined ones are written as the format has them.
    package mutating func sample(_ name: String, labels: KeyValuePairs<String, String> = [:], _ value: Double) {
        let text = value.isNaN ? "NaN" : value.isInfinite ? (value > 0 ? "+Inf" : "-Inf") : "\(value)"
        sample(name, labels: labels, text: text)
    }

    private mutating func sample(_ name: String, labels: KeyValuePairs<String, String>, text: String) {
        precondition(described.contains(name), "\(name) is not described")
        append(name)
        if !labels.isEmpty {
            append("{")
            for (index, (label, value)) in labels.enumerated() {
                precondition(Self.isName(label, colons: false), "\(label) is no name of a label")
                append(index > 0 ? ",\(label)=\"" : "\(label)=\"")
                append(Self.escaped(value, quotes: true))
                append("\"")
            }
            append("}")
        }
        append(" \(text)\n")
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isName(_ text: String, colons: Bool) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x5F
                || (colons && $0 == 0x3A)
        }
    }
}
