// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform
import Seccomp

/// The evidence that `seccomp generate` wrote beside a profile.
struct SeccompEvidence {
    let evidence: GeneratedProfile.Evidence

    /// Of the profile at `path`; nil if there is none, or none that can be read.
    static func beside(_ path: String) -> SeccompEvidence? {
        guard let bytes = try? FileBytes.read(SeccompOutput.evidencePath(path), limit: OCISeccompProfile.sizeLimit)
        else {
            return nil
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let evidence = try? decoder.decode(GeneratedProfile.Evidence.self, from: Data(bytes)) else { return nil }
        return SeccompEvidence(evidence: evidence)
    }

    /// Who made each call, sorted.
    var users: [String: [String]] {
        Dictionary(evidence.calls.map { ($0.call, $0.executables.keys.map { HostileText.printable($0) }.sorted()) }) {
            $1
        }
    }
}
