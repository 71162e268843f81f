// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Platform
import Profiles
import Seccomp

/// Generates a seccomp profile, proves the compiled filter, and only then writes the file and its evidence beside it.
struct SeccompOutput {
    let generated: GeneratedProfile
    let proof: FilterProof

    /// Generates and proves; throws when the filter does not do what the profile says.
    init(_ profile: BehaviourProfile, options: GeneratorOptions) throws(CommandFailure) {
        do {
            generated = try SeccompGenerator.generate(profile, options: options)
            proof = try FilterProof(of: generated.oci)
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
            bytes = Array(try generated.oci.encoded())
            evidence = Array(try generated.encodedEvidence())
        } catch { throw .data(error.description) }
        guard !OutputPath.isStandardOutput(path) else { return try Terminal.output.deliver(bytes) }
        let owner = UserIdentity.sudoCaller.map { AtomicFile.Owner(user: $0.user, group: $0.group) }
        do {
            try AtomicFile.write(bytes, to: path, owner: owner)
            try AtomicFile.write(evidence, to: Self.evidencePath(path), owner: owner)
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
                + "\(generated.runtimeNeeds.count) the runtime's, \(generated.alwaysAllowed.count) always), proved over "
                + "\(NumberText.grouped(proof.comparisons)) cases"
        ]
        for out in generated.leftOut {
            lines.append(
                terminal.styled("left out: \(out.call)", .red)
                    + " (tier \(out.tier.rawValue): \(out.reason)), used by \(out.who.joined(separator: ", ")); "
                    + "to allow it: --accept \(out.call)=REASON")
        }
        if !OutputPath.isStandardOutput(path) { lines.append("evidence for each call: \(Self.evidencePath(path))") }
        for accepted in generated.accepted { lines.append("accepted: \(accepted.call): \(accepted.reason)") }
        for fallback in generated.fallbacks {
            lines.append(
                "\(fallback.call) answers ENOSYS, so that programs use \(fallback.instead.joined(separator: ", "))")
        }
        if !generated.runtimeNeedsObserved, !generated.runtimeNeeds.isEmpty {
            lines.append(
                "the runtime's calls are a list that starts runc and crun; for `ringfence run` alone: "
                    + "ringfence seccomp generate --no-runtime")
        }
        return lines + generated.notes.map { "note: \($0)" }
    }
}
