// SPDX-License-Identifier: Apache-2.0
import CShims
import Platform
import Seccomp

/// `ringfence run`: loads a seccomp profile and becomes the command.
enum RunCommand: Verb {
    static let options = ProfiledCommand.options(
        and: .init("--new-privileges", help: "root only: let set-uid programs gain privileges (default: no_new_privs)"))

    static var help: String { Usage.of(.run) }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        let profiled = try ProfiledCommand(arguments, verb: "run")
        var request = ChildProcess.Request(
            arguments: profiled.command, environment: ProcessEnvironment.words(for: profiled.user))
        request.filter = profiled.input.filter.program
        request.takesNewPrivileges = arguments.has("--new-privileges")
        request.user = profiled.user
        let failure = ChildProcess.become(request)
        throw CommandFailure(failure.description, exitCode: failure.exitCode)
    }
}
