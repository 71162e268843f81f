// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import Seccomp

/// A seccomp profile that a command is to run under, read and compiled.
struct SeccompInput {
    let profile: OCISeccompProfile
    let filter: CompiledFilter
    /// SHA-256 of the file's bytes, in hexadecimal: of what was read, whatever becomes of the file.
    let digest: String

    /// Reads and compiles; warnings (unknown calls) go to stderr.
    init(_ path: String) throws(CommandFailure) {
        let bytes: [UInt8]
        do { bytes = try FileBytes.read(path, limit: OCISeccompProfile.sizeLimit) } catch {
            guard error.errno != EFBIG else {
                throw .data("\(HostileText.escaped(path)) is larger than 8 MiB: it is no seccomp profile")
            }
            throw .noInput(error.description)
        }
        digest = SHA256.hexadecimal(of: bytes)
        do {
            let reading = try OCISeccompProfile.read(bytes, file: path)
            for warning in reading.warnings { Terminal.error.line("ringfence: warning: \(warning)") }
            profile = reading.profile
            filter = try CompiledFilter(profile, subject: HostileText.escaped(path))
            // libseccomp has faults of its own; what it makes of the profile is compared with what the profile says.
            if let mismatch = try FilterProof(of: profile, subject: HostileText.escaped(path)).mismatch {
                Terminal.error.line(
                    "ringfence: warning: the compiled filter does something else than the profile: \(mismatch)")
            }
        } catch { throw .data(error.description) }
    }
}
