// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// Our own environment, to hand on.
enum ProcessEnvironment {
    /// `NAME=value` each.
    static var words: [String] { ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" } }
}
