// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// The binary under test.
package enum Ringfence {
    /// `RINGFENCE_BINARY`, else the one that was built beside the tests.
    package static let binary: String = {
        if let given = ProcessInfo.processInfo.environment["RINGFENCE_BINARY"] { return given }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex) + "/ringfence"
    }()

    /// The daemon that was built with it.
    package static var daemon: String { binary + "d" }

    /// Runs it to its end.
    package static func run(
        _ words: [String], environment: [String: String] = [:], in directory: String? = nil, seconds: Double = 60
    ) throws -> Shell.Result {
        // Tests may be run through sudo; only those that say so are about that.
        try Shell.run(
            ["env", "-u", "SUDO_USER"] + environment.map { "\($0.key)=\($0.value)" } + [binary] + words,
            seconds: seconds, directory: directory)
    }
}
