// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import FoundationEssentials

/// Which alerts a command line asks for.
struct AlertQuery {
    /// For the file.
    let filter: AlertFilter
    /// The same for the daemon.
    let arguments: [String: JSONValue]

    init(_ options: ParsedArguments, now: Date) throws(CommandFailure) {
        var filter = AlertFilter()
        var arguments: [String: JSONValue] = [:]
        if let seconds = try Self.seconds(options, "--since") {
            let milliseconds = (now.timeIntervalSince1970 - seconds) * 1000
            filter.since = WallTime(milliseconds: Int64(max(-6e13, milliseconds)))
            arguments["since"] = .number(seconds)
        }
        if let container = try options.value("--container") {
            filter.setContainer(container)
            arguments["container"] = .string(container)
        }
        if let word = try options.choice("--severity", of: Severity.allCases.map(\.rawValue)) {
            filter.minimumSeverity = Severity(rawValue: word)
            arguments["severity"] = .string(word)
        }
        if let word = try options.choice("--rule", of: AlertRule.allCases.map(\.rawValue)) {
            filter.rule = AlertRule(rawValue: word)
            arguments["rule"] = .string(word)
        }
        self.filter = filter
        self.arguments = arguments
    }

    /// A length of time in seconds; nil if it was not given.
    static func seconds(_ options: ParsedArguments, _ name: String) throws(CommandFailure) -> Double? {
        guard let text = try options.value(name) else { return nil }
        guard let seconds = DurationText.seconds(text), seconds <= 1e10 else {
            throw .usage("\(name) is '\(text)', but must be a length of time: 90s, 30m, 1h, 7d")
        }
        return seconds
    }
}

/// Writes alerts, a line each.
struct AlertPrinter {
    let isJSON: Bool
    let terminal: Terminal

    func show(_ alert: Alert) {
        if isJSON {
            guard let line = try? alert.line() else { return }
            terminal.write(String(decoding: line, as: UTF8.self))
        } else {
            terminal.line(CompactRendering(color: terminal.hasColour).line(alert))
        }
    }
}
