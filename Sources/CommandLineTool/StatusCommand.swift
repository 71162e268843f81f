// SPDX-License-Identifier: Apache-2.0
import Control

/// `ringfence status` and `ringfence containers`: what the daemon says of itself and of what it watches.
enum StatusCommand {
    static let options = [OutputFormat.option] + DaemonAddress.options

    static func help(_ verb: ControlVerb) -> String {
        "usage: ringfence \(verb.rawValue) [--format table|json]\n\n" + Usage.options(options)
    }

    /// Runs either verb.
    static func run(_ verb: ControlVerb, _ words: [String]) throws(CommandFailure) -> Int32 {
        let arguments = try ParsedArguments(words, options: options)
        if arguments.has("--help") {
            Terminal.output.write(help(verb))
            return 0
        }
        guard arguments.operands.isEmpty, arguments.command == nil else {
            throw .usage("ringfence \(verb.rawValue) takes options only; see --help")
        }
        let format = try OutputFormat(arguments)
        let answer = try DaemonAddress(arguments).ask(verb)
        try format.deliver(answer) {
            verb == .status ? StatusText.lines(answer) : ContainerText.lines(answer.elements ?? [])
        }
        return 0
    }
}
