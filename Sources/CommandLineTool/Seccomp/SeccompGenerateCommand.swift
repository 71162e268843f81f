// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import Profiles
import Seccomp

/// `ringfence seccomp generate`: makes a seccomp profile from a behaviour profile.
enum SeccompGenerateCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--output", "-o", value: "FILE", help: "where the seccomp profile goes; standard output without"),
            .init("--accept", value: "NAME=REASON", help: "allow a call of the never-allow list that was seen"),
            .init(
                "--runtime", value: "any|recorded|runc|crun",
                help: "whose start-up calls are added: every runtime's (any), or only those that were seen (recorded)"),
            .init("--no-runtime", help: "no start-up calls: for `ringfence run`, not for containers"),
            .init("--with-exec", help: "also allow what exec sessions and health checks did"),
            .init("--no-argument-rules", help: "do not restrict socket families"),
            .init("--quiet", "-q", help: "only the profile"),
        ] + DaemonAddress.options

    static var help: String { Usage.of(.seccompGenerate) }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard let path = arguments.operands.first, arguments.operands.count == 1, arguments.command == nil else {
            throw .usage("give one behaviour profile: ringfence seccomp generate FILE|KEY [-o FILE]")
        }
        let runtime = try arguments.choice("--runtime", of: RuntimeNeeds.Target.allCases.map(\.rawValue)) ?? "any"
        let options = GeneratorOptions(
            accepts: try SeccompOutput.accepts(arguments.all("--accept")),
            runtimeNeeds: arguments.has("--no-runtime") ? .omit : .include,
            target: RuntimeNeeds.Target(rawValue: runtime) ?? .any,
            arguments: arguments.has("--no-argument-rules") ? .omit : .include,
            includesSessions: arguments.has("--with-exec"))
        let profile = try ProfileSource.load(path, try DaemonAddress(arguments))
        let output = try SeccompOutput(profile, options: options)
        let target = try arguments.value("--output") ?? "-"
        guard !OutputPath.areSame(path, target) else {
            throw .usage("-o \(HostileText.escaped(target)) is the behaviour profile itself; give another file")
        }
        try output.write(to: target)
        if !arguments.has("--quiet") || !output.generated.leftOut.isEmpty {
            for line in output.lines(path: target == "-" ? "the profile" : target, on: .error) {
                Terminal.error.line(line)
            }
        }
        return output.generated.allowsEverythingSeen ? 0 : 1
    }
}
