// SPDX-License-Identifier: Apache-2.0

/// One epoch of one instance, as far as its observation does not tell.
package struct LearningEpoch: Equatable, Sendable {
    /// An exec session: what was executed, and what ran in it.
    package struct Session: Equatable, Sendable {
        /// Path of the first executable; escaped.
        package let executable: String
        /// Its command line, argument 0 included; escaped.
        package let arguments: [String]
        /// Every executable that ran in the session, the first included; empty stands for the first alone.
        package let executables: Set<String>

        /// A session that began with `executable`.
        package init(executable: String, arguments: [String], executables: Set<String> = []) {
            self.executable = executable
            self.arguments = arguments
            self.executables = executables.union([executable])
        }
    }

    /// The container's id, for messages.
    package let instance: String
    /// Whether the instance started in this epoch.
    package let startsInstance: Bool
    /// Whether no facts were lost: else the epoch is learned from, but says nothing about how quiet the container is.
    package let isComplete: Bool
    /// The exec sessions that began in it.
    package let sessions: [Session]

    /// An epoch of `instance`.
    package init(
        instance: String, startsInstance: Bool = false, isComplete: Bool = true, sessions: [Session] = []
    ) {
        self.instance = instance
        self.startsInstance = startsInstance
        self.isComplete = isComplete
        self.sessions = sessions
    }
}
