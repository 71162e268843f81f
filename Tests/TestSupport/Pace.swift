// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// How fast the machine is that the tests run on. Suites that run in a guest whose processor is emulated (`.ci/qemu/suite`
/// sets RINGFENCE_EMULATED there) are 20 to 50 times slower: they repeat less and wait longer.
package enum Pace {
    /// This machine's processor is emulated.
    package static let isEmulated = ProcessInfo.processInfo.environment["RINGFENCE_EMULATED"] != nil

    /// How long a test waits for what takes at most `seconds` on a machine that is not emulated.
    package static func patience(_ seconds: Double) -> Double {
        isEmulated ? seconds * 5 : seconds
    }

    /// How often a storm repeats what it repeats `count` times on a machine that is not emulated; at least once.
    package static func times(_ count: Int) -> Int {
        isEmulated ? max(1, count / 10) : count
    }
}
