// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import Seccomp

/// A seccomp profile of any make in a file.
enum SeccompFile {
    /// Its bytes.
    static func bytes(_ path: String) throws(CommandFailure) -> [UInt8] {
        do throws(SystemError) { return try FileBytes.read(path, limit: OCISeccompProfile.sizeLimit) } catch {
            guard error.errno != EFBIG else {
                throw .data("\(HostileText.escaped(path)) is larger than 8 MiB: it is no seccomp profile")
            }
            throw .noInput(error.description)
        }
    }

    /// What it says, with its flaws.
    static func document(_ path: String) throws(CommandFailure) -> SeccompDocument {
        let bytes = try bytes(path)
        do throws(SeccompError) { return try SeccompDocument.read(bytes, file: path) } catch {
            throw .data(error.description)
        }
    }
}
