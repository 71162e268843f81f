// SPDX-License-Identifier: Apache-2.0
import Glibc

extension Descriptor {
    /// fsync(2), repeated when a signal interrupts it: what was written survives a power cut. With `dataOnly`
    /// fdatasync(2), which leaves out the times of the file.
    borrowing func flush(
        _ subject: String, step: String = "flush", dataOnly: Bool = false
    ) throws(SystemError) {
        while (dataOnly ? fdatasync(number) : fsync(number)) != 0 {
            let failure = errno
            guard failure == EINTR else { throw SystemError(step, subject, errno: failure) }
        }
    }

    /// Flushes a directory, so that the names in it survive a power cut. Some file systems cannot (fsync(2)): what was
    /// changed is then as safe as they make it.
    borrowing func flushDirectory(_ subject: String) throws(SystemError) {
        do throws(SystemError) {
            try flush(subject, step: "flush the directory")
        } catch {
            guard error.errno == EINVAL || error.errno == ENOTSUP else { throw error }
        }
    }
}
