// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// Our own environment, to hand on to a program.
package enum ProcessEnvironment {
    /// `NAME=value` each; for another user with that user's HOME, USER and LOGNAME, which sudo(8) had changed to root's.
    package static func words(for user: UserIdentity?) -> [String] {
        var environment = ProcessInfo.processInfo.environment
        if let user {
            environment["HOME"] = user.home
            environment["USER"] = user.name
            environment["LOGNAME"] = user.name
        }
        return environment.map { "\($0.key)=\($0.value)" }
    }
}
