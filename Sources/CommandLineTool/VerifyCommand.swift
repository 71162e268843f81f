// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Platform
import Recorder
import Seccomp
import Sensor

/// `ringfence verify`: runs a command under a seccomp profile, watches, and lists every call that was denied.
enum VerifyCommand: Verb {
    static let options = ProfiledCommand.options(
        and: .init("--format", value: "table|json", help: "form of the result"),
        .init("--quiet", "-q", help: "only the exit code"))

    static var help: String { Usage.of(.verify) }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        let isJSON = try arguments.choice("--format", of: ["table", "json"]) == "json"
        let profiled = try ProfiledCommand(arguments, verb: "verify")
        var request = RecordingRequest(target: .command(profiled.command))
        request.user = profiled.user
        request.filter = profiled.input.filter.program
        request.watchesDenials = true
        request.countsCalls = false
        let result = try RecordCommand.record(request, line: LiveLine(quiet: true, commandOwnsTerminal: true))
        if result.missing.contains(where: { $0.program == .sysExit }) {
            throw CommandFailure(
                "denied calls cannot be seen on this kernel (\(result.missing.map { $0.missing ?? "" }.joined(separator: ", ")))",
                exitCode: 69)
        }
        let verification = Verification(result, profile: profiled.input.profile)
        if !arguments.has("--quiet") {
            for line in isJSON ? [verification.json] : verification.lines(on: .error) { Terminal.error.line(line) }
        }
        return verification.exitCode
    }
}
