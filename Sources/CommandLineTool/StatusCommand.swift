// SPDX-License-Identifier: Apache-2.0
import Control

/// `ringfence status`: what the daemon says of itself.
enum StatusCommand {
    static let options = [OutputFormat.option] + DaemonAddress.options

    static var help: String { "usage: ringfence status [--format table|json]\n\n" + Usage.options(options) }

    static func run(_ words: [String]) throws(CommandFailure) -> Int32 {
        let arguments = try ParsedArguments(words, options: options)
        if arguments.has("--help") {
            Terminal.output.write(help)
            return 0
        }
        guard arguments.operands.isEmpty, arguments.command == nil else {
            throw .usage("ringfence status takes options only; see --help")
        }
        let format = try OutputFormat(arguments)
        let answer = try DaemonAddress(arguments).ask(.status)
        try format.deliver(answer) { StatusText.lines(answer) }
        return 0
    }
}
