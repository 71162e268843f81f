// SPDX-License-Identifier: Apache-2.0

/// `ringfenced --check [FILE]`.
package enum ConfigurationCheck {
    /// The file that is read when none is named.
    package static let defaultPath = "/etc/ringfence/ringfence.conf"

    /// What to print, and what to exit with.
    package struct Outcome: Sendable, Equatable {
        /// For the standard output: the settings that hold, as a file.
        package let output: String
        /// For people: one line a flaw.
        package let errors: String
        /// 0, or 78 (EX_CONFIG).
        package let exitCode: Int32
    }

    /// Reads a configuration as the daemon would, and says what came of it.
    ///
    /// - Parameter path: nil is the default file, which need not be there.
    package static func run(_ path: String?) -> Outcome {
        let (configuration, files, flaws) = ConfigurationReader.read(path ?? defaultPath, isOptional: path == nil)
        guard flaws.isEmpty else {
            let lines = flaws.map { "ringfenced: \($0)\n" }.joined()
            return Outcome(output: "", errors: lines, exitCode: 78)
        }
        let sources = files.isEmpty ? "# no file: the defaults\n" : files.map { "# from \($0)\n" }.joined()
        return Outcome(output: sources + settings(configuration), errors: "", exitCode: 0)
    }

    /// Every setting of a configuration, as a file without comments.
    package static func settings(_ configuration: Configuration) -> String {
        ConfigurationKey.sections.map { section in
            let keys = ConfigurationKey.allCases.filter { $0.section == section }
            return "[\(section)]\n" + keys.map { "\($0.rawValue)=\($0.text(in: configuration))\n" }.joined()
        }.joined(separator: "\n")
    }

    /// The commented default file, as it is installed.
    package static var defaultFile: String {
        let head = """
            # Ringfence's configuration. Every setting is here with its default; a line without # in front changes it.
            # Settings that are better kept apart go to ringfence.conf.d/NAME.conf beside this file, which override it.
            # Check with: ringfenced --check. Apply with: systemctl reload ringfenced.

            """
        let sections = ConfigurationKey.sections.map { section in
            let keys = ConfigurationKey.allCases.filter { $0.section == section }
            return "\n[\(section)]\n"
                + keys.map { key in
                    key.comment.map { "# \($0)\n" }.joined() + "#\(key.rawValue)=\(key.text(in: Configuration()))\n"
                }.joined(separator: "\n")
        }
        return head + sections.joined()
    }
}
