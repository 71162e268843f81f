// SPDX-License-Identifier: Apache-2.0
import Control

/// `ringfence reload`: has the daemon read its configuration again, as SIGHUP does, and says what came of it.
enum ReloadCommand: Verb {
    static let options = [OutputFormat.option] + DaemonAddress.options

    static var help: String {
        "usage: ringfence reload\n\nexit status 78 if the configuration is wrong: the old one stays then\n\n"
            + Usage.options(options)
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard arguments.operands.isEmpty, arguments.command == nil else {
            throw .usage("ringfence reload takes options only; see --help")
        }
        let format = try OutputFormat(arguments)
        let answer = try DaemonAddress(arguments).ask(.reload)
        try format.deliver(answer) { lines(answer) }
        return 0
    }

    /// What a reload changed, for people.
    static func lines(_ answer: JSONValue) -> [String] {
        var lines: [String] = []
        let changed = answer.texts("changed")
        let waiting = answer.texts("needsRestart")
        if !changed.isEmpty { lines.append("changed: " + changed.joined(separator: ", ")) }
        if !waiting.isEmpty { lines.append("these need a restart: " + waiting.joined(separator: ", ")) }
        let problem = answer.string("metricsProblem")
        if !problem.isEmpty { lines.append("metrics are not given out: " + problem) }
        return lines.isEmpty ? ["nothing has changed"] : lines
    }
}
