// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform

/// The environment of a command.
enum Environment {
    /// Ours; for another user with that user's HOME, USER and LOGNAME, which sudo(8) had changed to root's.
    static func of(_ user: UserIdentity?) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        guard let user else { return environment }
        environment["HOME"] = user.home
        environment["USER"] = user.name
        environment["LOGNAME"] = user.name
        return environment
    }
}
