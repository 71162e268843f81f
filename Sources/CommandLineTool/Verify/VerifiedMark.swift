// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform
import Profiles

/// The mark that a seccomp profile was tried, in a file beside it: JSON of profiles has no room for remarks. It holds for the
/// very bytes that were tried.
struct VerifiedMark: Codable {
    /// One trial that passed.
    struct Trial: Codable {
        let time: String
        /// `docker`, `podman`, `runc`, `crun`.
        let engine: String
        let environment: ProfileEnvironment
        /// The command that found it working; nil if its exit status did.
        let check: String?
    }

    var schema = "ringfence.verified/v1"
    /// SHA-256 of the profile's bytes, in hexadecimal.
    let sha256: String
    var trials: [Trial]

    /// What it says, a line for each trial, printable.
    var lines: [String] {
        trials.map { trial in
            let system = [trial.environment.runtime, trial.environment.libc, "Linux \(trial.environment.kernel)"]
            return HostileText.printable(
                "verified: works under \(trial.engine) (\(system.compactMap(\.self).joined(separator: ", "))), tried \(trial.time)"
            )
        }
    }

    /// Where the mark of a profile is: `web.seccomp.json` has `web.seccomp.verified.json`.
    static func path(of profile: String) -> String {
        (profile.hasSuffix(".json") ? String(profile.dropLast(5)) : profile) + ".verified.json"
    }

    /// The mark of the profile in `file`; nil if there is none, or it is of other bytes.
    static func read(of file: String) -> VerifiedMark? {
        guard let bytes = try? FileBytes.read(file, limit: 1 << 24) else { return nil }
        return read(of: file, digest: SHA256.hexadecimal(of: bytes))
    }

    private static func read(of file: String, digest: String) -> VerifiedMark? {
        guard let mark = try? FileBytes.read(path(of: file), limit: 1 << 20),
            let found = try? JSONDecoder().decode(VerifiedMark.self, from: Data(mark)),
            found.sha256 == digest
        else { return nil }
        return found
    }

    /// Adds a trial to the mark of `file`, in the place of an earlier one on the same system. `digest` is of the bytes that
    /// were tried: a file that has others by now is not marked.
    static func add(_ trial: Trial, to file: String, tried digest: String) throws(CommandFailure) {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try FileBytes.read(file, limit: 1 << 24) } catch {
            throw .noInput(error.description)
        }
        guard SHA256.hexadecimal(of: bytes) == digest else {
            throw .data(
                "\(HostileText.escaped(file)) was changed while it was tried, and is not marked; verify it again")
        }
        do {
            var mark = read(of: file, digest: digest) ?? VerifiedMark(sha256: digest, trials: [])
            mark.trials.removeAll { $0.engine == trial.engine && $0.environment == trial.environment }
            mark.trials.append(trial)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            try AtomicFile.write(Array(try encoder.encode(mark)) + [0x0A], to: path(of: file), owner: .sudoCaller)
        } catch { throw .cannotCreate("\(error)") }
    }
}
