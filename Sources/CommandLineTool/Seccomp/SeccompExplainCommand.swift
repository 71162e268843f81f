// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Platform
import Profiles
import Seccomp

/// `ringfence seccomp explain`: why calls are in a profile.
enum SeccompExplainCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--all", help: "without CALL: refused calls that are on the never-allow list too"),
            OutputFormat.option,
        ] + SeccompContext.options + DaemonAddress.options

    static var help: String {
        SeccompCommand.help(
            .explain,
            """
            FILE is a seccomp profile (the evidence that was written beside it is read too), a behaviour profile or an
            engine's default. Without CALL, every call with a line. The flaws named are examples; no flaw is no praise.
            exit status 0; 1 if CALL is not in the profile
            """, options)
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard let word = arguments.operands.first, arguments.operands.count <= 2, arguments.command == nil else {
            throw .usage("give a profile: ringfence seccomp explain FILE|KEY [CALL]")
        }
        let operand = try SeccompOperand(word, try SeccompContext(arguments), try DaemonAddress(arguments))
        operand.warn()
        let explanation = CallExplanation(operand, evidence: SeccompEvidence.beside(word)?.evidence)
        let format = try OutputFormat(arguments)
        guard let call = arguments.operands.dropFirst().first else {
            let calls = explanation.calls(withRefused: arguments.has("--all"))
            try format.deliver(explanation.json(calls)) {
                explanation.overview(calls) + (VerifiedMark.read(of: word)?.lines ?? [])
            }
            return 0
        }
        guard CallCatalog.isKnown(call) else {
            throw .data("nobody knows a call \(HostileText.escaped(call)); names are those of the kernel, as openat")
        }
        let story = explanation.story(call)
        try format.deliver(explanation.json(story)) { explanation.lines(story) }
        return explanation.contains(call) ? 0 : 1
    }
}
