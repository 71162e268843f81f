// SPDX-License-Identifier: Apache-2.0
import Control
import Platform
import Profiles

/// `ringfence seccomp complete`: how much of a program's calls a behaviour profile has seen.
enum SeccompCompleteCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--fail-under", value: "PERCENT", help: "exit status 1 if the coverage is below, or cannot be told"),
            OutputFormat.option,
        ] + DaemonAddress.options

    static var help: String {
        SeccompCommand.help(
            .complete,
            """
            Counted are runs (of the daemon's profiles: epochs), never events. The estimate is Chao2's lower bound of the calls
            that there are; coverage is the share of another run's calls that would be known. Both need \
            \(Completeness.leastUnits) runs
            (ringfence seccomp merge joins them).
            exit status 0; 1 with --fail-under
            """, options)
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard let word = arguments.operands.first, arguments.operands.count == 1, arguments.command == nil else {
            throw .usage("give one behaviour profile: ringfence seccomp complete FILE|KEY")
        }
        var limit: Double?
        if let text = try arguments.value("--fail-under") {
            guard let percent = Double(text), percent >= 0, percent <= 100 else {
                throw .usage("--fail-under is '\(HostileText.escaped(text))', but must be a percentage from 0 to 100")
            }
            limit = percent / 100
        }
        let profile = try ProfileSource.load(word, try DaemonAddress(arguments))
        let report = CompletenessReport(Completeness(profile), name: HostileText.escaped(word))
        try OutputFormat(arguments).deliver(report.json) { report.lines(columns: Terminal.output.columns) }
        guard let limit else { return 0 }
        return report.completeness.coverage.map { $0 >= limit } == true ? 0 : 1
    }
}
