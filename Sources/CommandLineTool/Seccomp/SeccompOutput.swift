// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Platform
import Profiles
import Seccomp

/// Generates a seccomp profile, proves the compiled filter, and only then writes the file and its evidence beside it. Proved
/// is what libseccomp makes of the OCI profile; of the other forms, `bpf` and `pfc` are that filter, `spo` is that profile
/// without the default's number (which is proved as well), and `systemd` is a list that systemd compiles.
struct SeccompOutput {
    let generated: GeneratedProfile
    let proof: FilterProof
    /// What the file is written as.
    let form: ProfileForm

    /// Generates and proves; throws when the filter does not do what the profile says.
    init(
        _ profile: BehaviourProfile, options: GeneratorOptions, form: ProfileForm = .oci
    ) throws(CommandFailure) {
        self.form = form
        do {
            generated = try SeccompGenerator.generate(profile, options: options)
            proof = try FilterProof(of: generated.oci, machine: generated.oci.machine)
            try proof.check()
        } catch { throw .data(error.description) }
    }

    /// Parses `--accept NAME=REASON`.
    static func accepts(_ words: [String]) throws(CommandFailure) -> [String: String] {
        var accepts: [String: String] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw .usage("--accept is '\(word)', but must be NAME=REASON") }
            accepts[parts[0]] = parts[1]
        }
        return accepts
    }

    /// Writes the profile to `path` (`-`: standard output) and its evidence to `path` with `.evidence.json`.
    func write(to path: String) throws(CommandFailure) {
        let bytes: [UInt8]
        let evidence: [UInt8]
        do {
            bytes = try generated.encoded(as: form)
            evidence = Array(try generated.encodedEvidence())
        } catch { throw .data(error.description) }
        guard !OutputPath.isStandardOutput(path) else { return try Terminal.output.deliver(bytes) }
        do {
            // Both are in one directory, which is flushed after the second.
            try AtomicFile.write(bytes, to: path, owner: .sudoCaller, flushesDirectory: false)
            try AtomicFile.write(evidence, to: Self.evidencePath(path), owner: .sudoCaller)
        } catch {
            try Terminal.output.deliver(bytes)
            throw .cannotCreate("\(error.description); the seccomp profile is on standard output instead")
        }
    }

    /// `web.seccomp.json` becomes `web.seccomp.evidence.json`.
    static func evidencePath(_ path: String) -> String {
        (path.hasSuffix(".json") ? String(path.dropLast(5)) : path) + ".evidence.json"
    }

    /// What people should know, one line each; what was left out is in red.
    func lines(path: String, on terminal: Terminal) -> [String] {
        var lines = [
            "seccomp: \(path) allows \(generated.evidence.calls.count) calls (\(generated.learned.count) seen, "
                + (generated.widened.isEmpty ? "" : "\(generated.widened.count) near those, ")
                + "\(generated.runtimeNeeds.count) the runtime's, \(generated.alwaysAllowed.count) always)"
                + (form == .systemd ? "" : ", proved over \(cases)")
        ]
        if form == .systemd {
            // systemd gives ENOSYS where the profile has EPERM, and has no conditions on arguments.
            lines.append(
                "proved over \(cases): the same calls as an OCI profile, not this file: systemd compiles it itself, "
                    + "with its set @default, one error number and no rules on arguments")
        }
        for out in generated.leftOut {
            lines.append(
                terminal.styled("left out: \(out.call)", .red)
                    + " (tier \(out.tier.rawValue): \(out.reason)), used by \(out.who.joined(separator: ", ")); "
                    + "to allow it: --accept \(out.call)=REASON")
        }
        lines += baseLines(on: terminal)
        if !OutputPath.isStandardOutput(path) { lines.append("evidence for each call: \(Self.evidencePath(path))") }
        for accepted in generated.accepted { lines.append("accepted: \(accepted.call): \(accepted.reason)") }
        for fallback in generated.fallbacks {
            lines.append(
                "\(fallback.call) answers ENOSYS, so that programs use \(fallback.instead.joined(separator: ", "))")
        }
        if !generated.runtimeNeedsObserved, !generated.runtimeNeeds.isEmpty, form != .systemd {
            lines.append(
                "the runtime's calls are a list that starts runc and crun; for `ringfence run` alone: "
                    + "ringfence seccomp generate --no-runtime")
        }
        return lines + generated.notes.map { "note: \($0)" }
    }

    /// Over how much the proof was made.
    private var cases: String { "\(NumberText.grouped(proof.comparisons)) cases" }

    /// What the base denies of what was seen, in red, and what of it is superfluous.
    private func baseLines(on terminal: Terminal) -> [String] {
        guard let base = generated.evidence.base else { return [] }
        let outside = base.outside.map { out in
            terminal.styled("left out: \(out.call)", .red)
                + " (\(base.name) denies it), used by \(out.who.joined(separator: ", ")); to allow it: --base none, or "
                + "--cap-add if the container has the capability"
        }
        let share = base.allowed == 0 ? 0 : base.superfluous.count * 100 / base.allowed
        return outside + [
            "of \(base.allowed) calls that \(base.name) lets pass, \(base.superfluous.count) are gone (\(share) %)"
        ]
    }
}
