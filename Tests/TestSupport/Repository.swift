// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// Where the sources are, for tests that use the scripts of `.ci`.
package enum Repository {
    /// The top directory.
    package static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
}
