// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Platform
import Recorder
import Seccomp
import Sensor

/// `ringfence verify`: runs a command under a seccomp profile, watches, and lists every call that was denied.
enum VerifyCommand {
    static let options: [ParsedArguments.Option] = [
        .init("--seccomp", value: "FILE", help: "the profile, as Docker, Podman and runc take it"),
        .init("--user", value: "NAME", help: "run COMMAND as this user (default: who called sudo)"),
        .init("--format", value: "table|json", help: "form of the result"),
        .init("--quiet", "-q", help: "only the exit code"),
        .init("--help", "-h", help: "this text"),
    ]

    static func run(_ words: [String]) throws(CommandFailure) -> Int32 {
        let arguments = try ParsedArguments(words, options: options)
        if arguments.has("--help") {
            Terminal.output.write(Usage.of(.verify))
            return 0
        }
        guard let path = try arguments.value("--seccomp"), let command = arguments.command, !command.isEmpty,
            arguments.operands.isEmpty
        else { throw .usage("usage: ringfence verify --seccomp FILE -- COMMAND [ARGUMENT ...]") }
        let isJSON = try arguments.choice("--format", of: ["table", "json"]) == "json"
        let input = try SeccompInput(path)
        var request = RecordingRequest(target: .command(command))
        request.user = try RecordOptions.user(arguments)
        request.filter = input.filter.program
        request.watchesDenials = true
        request.countsCalls = false
        let result = try RecordCommand.record(request, line: LiveLine(quiet: true, commandOwnsTerminal: true))
        if result.missing.contains(where: { $0.program == .sysExit }) {
            throw CommandFailure(
                "denied calls cannot be seen on this kernel (\(result.missing.map { $0.missing ?? "" }.joined(separator: ", ")))",
                exitCode: 69)
        }
        let verification = Verification(result, profile: input.profile)
        if !arguments.has("--quiet") {
            for line in isJSON ? [verification.json] : verification.lines(on: .error) { Terminal.error.line(line) }
        }
        return verification.exitCode
    }
}
