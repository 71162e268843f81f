// SPDX-License-Identifier: Apache-2.0
import Platform

/// What is wrong in a configuration file: a line for people that names the place, the cause and the remedy.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The file's path.
    package let file: String
    /// From 1; 0 where the file as a whole could not be read.
    package let line: Int
    /// A clause; printable.
    package let reason: String
    /// A request; may be empty.
    package let remedy: String

    init(_ file: String, line: Int, reason: String, remedy: String = "") {
        self.file = file
        self.line = line
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String {
        HostileText.printable(file) + (line > 0 ? ":\(line)" : "") + ": \(reason)"
            + (remedy.isEmpty ? "" : "; \(remedy)")
    }
}
