// SPDX-License-Identifier: Apache-2.0
import Platform

/// What is wrong in a file of weights: a line for people that names the place, the cause and the remedy.
package struct RiskWeightsError: Error, Equatable, CustomStringConvertible {
    /// The file's path.
    package let file: String
    /// From 1; 0 where the file as a whole could not be read.
    package let line: Int
    /// A clause; printable.
    package let reason: String
    /// A request.
    package let remedy: String

    package var description: String {
        HostileText.printable(file) + (line > 0 ? ":\(line)" : "") + ": \(reason); \(remedy)"
    }
}
