// SPDX-License-Identifier: Apache-2.0
import Platform
import Seccomp

/// What `ringfence seccomp generate` was asked for: of what, how, in which form, and where to.
struct GenerateRequest {
    static let options: [ParsedArguments.Option] =
        [
            .init("--output", "-o", value: "FILE", help: "where the seccomp profile goes; standard output without"),
            .init(
                "--format", value: "FORM",
                help: "oci (without), spo (SeccompProfile), systemd (drop-in), bpf (the program), pfc (its text)"),
            .init(
                "--base", value: "ENGINE",
                help: "allow nothing learned that this default denies: docker, podman, containerd, or none"),
            .init(
                "--for-runtime", "--runtime", value: "NAME",
                help:
                    "whose start-up calls are added: runc, crun, docker, podman, containerd, systemd (without, of the form "
                    + "systemd), any (without), or auto: the one that was seen"),
            .init("--no-runtime", help: "no start-up calls but execve: for `ringfence run`, not for containers"),
            RuntimeOption.noNewPrivileges,
            .init("--widen", help: "also allow what other libcs and kernels use in place of a call that was seen"),
            .init(
                "--args", value: "LIST",
                help: "restrict by argument, beside socket and clone: ioctl, personality, prctl; none: not even socket"),
            .init("--no-argument-rules", help: "do not restrict socket families: --args none"),
            .init("--with-exec", help: "also allow what exec sessions and health checks did"),
            .init(
                "--phase", value: "whole|steady",
                help: "steady: only what a program calls once it has loaded a filter of its own, to be that filter"),
            .init("--accept", value: "NAME=REASON", help: "allow a call of the never-allow list that was seen"),
        ] + SeccompContext.options + [.init("--quiet", "-q", help: "only the profile")] + DaemonAddress.options

    /// A behaviour profile's file, or a key of the daemon's.
    let source: String
    let options: GeneratorOptions
    let form: ProfileForm
    /// A file, or `-`.
    let output: String
    let isQuiet: Bool

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        guard let path = arguments.operands.first, arguments.operands.count == 1, arguments.command == nil else {
            throw .usage("give one behaviour profile: ringfence seccomp generate FILE|KEY [-o FILE]")
        }
        source = path
        let word = try arguments.choice("--format", of: ProfileForm.allCases.map(\.rawValue))
        form = word.flatMap(ProfileForm.init(rawValue:)) ?? .oci
        output = try arguments.value("--output") ?? "-"
        isQuiet = arguments.has("--quiet")
        let runtime = try RuntimeOption.target(arguments)
        if arguments.has("--no-runtime") {
            guard runtime == nil else {
                throw .usage("--no-runtime and --for-runtime exclude one another: there is no runtime, or it is named")
            }
            // A drop-in says NoNewPrivileges=yes, whatever starts the service.
            guard !arguments.has("--no-new-privs") || form == .systemd else {
                throw .usage("--no-runtime and --no-new-privs exclude one another: what a runtime needs is left out")
            }
        }
        let phase = try arguments.choice("--phase", of: ["whole", "steady"])
        options = GeneratorOptions(
            accepts: try SeccompOutput.accepts(arguments.all("--accept")),
            runtimeNeeds: arguments.has("--no-runtime") ? .omit : .include,
            target: runtime ?? (form == .systemd ? .systemd : .any),
            noNewPrivileges: arguments.has("--no-new-privs"),
            base: try Self.base(arguments), widens: arguments.has("--widen"),
            argumentRules: try Self.argumentRules(arguments), includesSessions: arguments.has("--with-exec"),
            span: phase == "steady" ? .steady : .whole)
        guard !OutputPath.areSame(source, output) else {
            throw .usage("-o \(HostileText.escaped(output)) is the behaviour profile itself; give another file")
        }
    }

    private static func base(_ arguments: ParsedArguments) throws(CommandFailure) -> GeneratorBase? {
        let engines = EngineDefault.allCases.map(\.rawValue)
        let context = try SeccompContext(arguments)
        guard let word = try arguments.choice("--base", of: engines + ["none"]),
            let engine = EngineDefault(rawValue: word)
        else { return nil }
        let document: SeccompDocument
        do throws(SeccompError) { document = try engine.document() } catch { throw .data(error.description) }
        return GeneratorBase(
            name: engine.name + (document.origin.map { " (\($0))" } ?? ""),
            profile: document.resolved(for: try context.resolved(default: engine.capabilities)).profile)
    }

    private static func argumentRules(
        _ arguments: ParsedArguments
    ) throws(CommandFailure) -> Set<GeneratorOptions.ArgumentRule> {
        let list = try arguments.value("--args")
        guard !arguments.has("--no-argument-rules") else {
            guard list == nil else { throw .usage("--args and --no-argument-rules exclude one another") }
            return [.clone]
        }
        guard let list else { return [.socket, .clone] }
        guard list != "none" else { return [.clone] }
        var rules: Set<GeneratorOptions.ArgumentRule> = [.socket, .clone]
        for word in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let rule = GeneratorOptions.ArgumentRule(rawValue: String(word)) else {
                let known = GeneratorOptions.ArgumentRule.allCases.map(\.rawValue).joined(separator: ", ")
                throw .usage("--args has '\(HostileText.escaped(String(word)))', but knows: \(known), none")
            }
            rules.insert(rule)
        }
        return rules
    }
}
