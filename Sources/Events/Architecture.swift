// SPDX-License-Identifier: Apache-2.0

/// A processor architecture that Ringfence has system call tables and a kernel object for.
package enum Architecture: String, Sendable, CaseIterable, Codable {
    case x86_64
    case arm64

    /// The architecture this binary was built for.
    package static var current: Architecture {
        #if arch(arm64)
            .arm64
        #else
            .x86_64
        #endif
    }
}
