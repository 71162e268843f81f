// SPDX-License-Identifier: Apache-2.0
import CShims
import Platform
import Seccomp

/// `ringfence run`: loads a seccomp profile and becomes the command.
enum RunCommand {
    static let options: [ParsedArguments.Option] = [
        .init("--seccomp", value: "FILE", help: "the profile, as Docker, Podman and runc take it"),
        .init("--user", value: "NAME", help: "run COMMAND as this user (default: who called sudo)"),
        .init("--new-privileges", help: "root only: let set-uid programs gain privileges (default: no_new_privs)"),
        .init("--help", "-h", help: "this text"),
    ]

    static func run(_ words: [String]) throws(CommandFailure) -> Int32 {
        let arguments = try ParsedArguments(words, options: options)
        if arguments.has("--help") {
            Terminal.output.write(Usage.of(.run))
            return 0
        }
        guard let path = try arguments.value("--seccomp"), let command = arguments.command, !command.isEmpty,
            arguments.operands.isEmpty
        else { throw .usage("usage: ringfence run --seccomp FILE -- COMMAND [ARGUMENT ...]") }
        let input = try SeccompInput(path)
        let user = try RecordOptions.user(arguments)
        var request = ChildProcess.Request(arguments: command, environment: ProcessEnvironment.words(for: user))
        request.filter = input.filter.program
        request.takesNewPrivileges = arguments.has("--new-privileges")
        request.user = user
        let failure = ChildProcess.become(request)
        throw CommandFailure(failure.description, exitCode: failure.exitCode)
    }
}
