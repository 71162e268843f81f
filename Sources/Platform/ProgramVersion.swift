// SPDX-License-Identifier: Apache-2.0

/// The release that the programs are of.
package enum ProgramVersion {
    /// "0.1.0".
    package static let text = "0.1.0"
}
