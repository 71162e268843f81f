// SPDX-License-Identifier: Apache-2.0
import Platform

/// What `run` and `verify` have in common: a command, the seccomp profile that it is to run under, and as whom.
struct ProfiledCommand {
    let command: [String]
    /// The profile's file.
    let path: String
    let input: SeccompInput
    /// nil for who runs this program.
    let user: UserIdentity?

    /// The options that give them, followed by the verb's own.
    static func options(and own: ParsedArguments.Option...) -> [ParsedArguments.Option] {
        [
            .init("--seccomp", value: "FILE", help: "the profile, as Docker, Podman and runc take it"),
            .init("--user", value: "NAME", help: "run COMMAND as this user (default: who called sudo)"),
        ] + own + [.init("--help", "-h", help: "this text")]
    }

    /// Reads and compiles the profile that `verb`'s command line names.
    init(_ arguments: ParsedArguments, verb: String) throws(CommandFailure) {
        guard let path = try arguments.value("--seccomp"), let command = arguments.command, !command.isEmpty,
            arguments.operands.isEmpty
        else { throw .usage("usage: ringfence \(verb) --seccomp FILE -- COMMAND [ARGUMENT ...]") }
        self.command = command
        self.path = path
        input = try SeccompInput(path)
        user = try RecordOptions.user(arguments)
    }
}
