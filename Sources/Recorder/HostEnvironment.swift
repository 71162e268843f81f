// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc
import Profiles

/// What this machine's kernel and libraries are, for a profile.
package enum HostEnvironment {
    /// `uname -r`.
    package static var kernel: String {
        var name = utsname()
        guard unsafe uname(&name) == 0 else { return "unknown" }
        // SAFETY: uname(2) ends each field with a NUL.
        return unsafe withUnsafeBytes(of: &name.release) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// For programs of the host: they use the host's C library.
    static var ofPrograms: ProfileEnvironment {
        // SAFETY: gnu_get_libc_version returns a static string.
        let version = unsafe gnu_get_libc_version().map { unsafe String(cString: $0) }
        return ProfileEnvironment(kernel: kernel, libc: version.map { "glibc " + $0 })
    }
}
