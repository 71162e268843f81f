// SPDX-License-Identifier: Apache-2.0
import Control
import Events
import Platform
import Profiles
import Seccomp

/// `ringfence seccomp diff`: what one profile lets pass otherwise than another.
enum SeccompDiffCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--fail-on-new", help: "exit status 1 only if NEW lets something pass that OLD does not"),
            .init(
                "--fail-on-tier", value: "0|1|2",
                help: "exit status 1 only if such a call is of this tier or a graver one"),
            .init("--all", help: "name every call, also of long lists"),
            OutputFormat.option,
        ] + SeccompContext.options + DaemonAddress.options

    static var help: String {
        SeccompCommand.help(
            .diff,
            """
            OLD and NEW are seccomp profiles, behaviour profiles (files or keys of the daemon) or
            \(EngineDefault.allCases.map(\.name).joined(separator: ", ")). Of a behaviour profile its calls are taken.
            Tiers: 0 never in a container, 1 needs a written reason, 2 seldom needed.
            exit status 0 if they mean the same, 1 if they differ
            """, options)
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard arguments.operands.count == 2, arguments.command == nil else {
            throw .usage("give two profiles: ringfence seccomp diff OLD NEW")
        }
        let limit = try arguments.choice("--fail-on-tier", of: ["0", "1", "2"]).flatMap(Int.init)
            .flatMap(NeverAllow.Tier.init(rawValue:))
        let (context, address) = (try SeccompContext(arguments), try DaemonAddress(arguments))
        let old = try SeccompOperand(arguments.operands[0], context, address)
        let new = try SeccompOperand(arguments.operands[1], context, address)
        for operand in [old, new] { operand.warn() }
        let difference = SeccompDifference(old, new)
        try OutputFormat(arguments).deliver(difference.json) {
            difference.lines(all: arguments.has("--all"), on: .output)
        }
        guard arguments.has("--fail-on-new") || limit != nil else { return difference.isEmpty ? 0 : 1 }
        if arguments.has("--fail-on-new"), difference.hasNews { return 1 }
        guard let limit else { return 0 }
        return difference.comparison.news(upTo: limit).isEmpty ? 0 : 1
    }
}
