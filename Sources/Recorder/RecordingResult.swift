// SPDX-License-Identifier: Apache-2.0
package import Events
package import Profiles
package import Sensor

/// What a recording brought.
package struct RecordingResult: Sendable {
    /// One profile a target, in the order they appeared.
    package var profiles: [BehaviourProfile]
    /// The command's exit code as a shell reports it; nil if there was none, or it still runs.
    package var commandExitCode: Int32?
    /// Whether somebody ended it by a signal before its target did.
    package var wasInterrupted: Bool
    /// Programs that are not attached.
    package var missing: [ProgramStatus]
    /// Bytes of kernel memory that the maps took.
    package var mapBytes: Int
    /// Denied calls with the executable's path, in the order they were first seen.
    package var denials: [(denial: Denial, executable: String)]
    /// Things that people should know, one line each.
    package var notes: [String]
}
