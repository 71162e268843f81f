// SPDX-License-Identifier: Apache-2.0

/// The machine a recording was made on, as far as it decides which calls a program makes.
package struct ProfileEnvironment: Codable, Equatable, Hashable, Sendable {
    /// `uname -r`.
    package var kernel: String
    /// The container runtime and its version (`runc 1.1.5`), where there was one.
    package var runtime: String?
    /// The C library of the recorded program (`glibc 2.36`), where it could be told.
    package var libc: String?

    /// An environment; nil means "not known".
    package init(kernel: String, runtime: String? = nil, libc: String? = nil) {
        self.kernel = kernel
        self.runtime = runtime
        self.libc = libc
    }
}
