// SPDX-License-Identifier: Apache-2.0
import Seccomp

/// Which runtime a profile is for: `--for-runtime` and `--no-new-privs`.
enum RuntimeOption {
    static let noNewPrivileges = ParsedArguments.Option(
        "--no-new-privs", help: "for a container with no_new_privs, whose runtime needs less")

    /// The runtime that is named; nil if none is. `recorded` is what `auto` was called.
    static func target(_ arguments: ParsedArguments) throws(CommandFailure) -> RuntimeNeeds.Target? {
        let names = RuntimeNeeds.Target.allCases.map(\.rawValue)
        guard let word = try arguments.choice("--for-runtime", of: names + ["recorded"]) else { return nil }
        return word == "recorded" ? .auto : RuntimeNeeds.Target(rawValue: word)
    }
}
