// SPDX-License-Identifier: Apache-2.0
/// Where a running recording stands, for the live line.
package struct RecordingProgress: Sendable, Equatable {
    /// Seconds since it began.
    package var seconds: Double = 0
    /// Living tasks past their first exec.
    package var tasks: Int64 = 0
    /// Distinct calls of the target so far, over executables and phases.
    package var calls = 0
    /// The last call that was new, and who made it; nil before the first.
    package var lastNew: (call: String, executable: String)?
    /// Things to say now and once, such as that a container was found.
    package var notes: [String] = []

    package static func == (left: RecordingProgress, right: RecordingProgress) -> Bool {
        left.seconds == right.seconds && left.tasks == right.tasks && left.calls == right.calls
            && left.lastNew?.call == right.lastNew?.call && left.notes == right.notes
    }
}
