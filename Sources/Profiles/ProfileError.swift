// SPDX-License-Identifier: Apache-2.0

/// Why a profile could not be read, written or merged: one line that names the thing, the cause and the remedy.
package struct ProfileError: Error, Equatable, CustomStringConvertible {
    /// What was tried.
    package enum Step: String, Sendable { case read, write, merge, review }

    package let step: Step
    /// The file's path, or the profile's key.
    package let subject: String
    /// What is wrong, as a clause: "it ends in the middle".
    package let reason: String
    /// What to do about it, as a request: "restore it from a backup".
    package let remedy: String
    /// The kernel's error number where a system call failed, else nil: the content is at fault.
    package let errno: CInt?

    /// An error of `step` on `subject`.
    package init(_ step: Step, _ subject: String, reason: String, remedy: String, errno: CInt? = nil) {
        self.step = step
        self.subject = subject
        self.reason = reason
        self.remedy = remedy
        self.errno = errno
    }

    /// Whether a later version of ringfence wrote the file: it is not damaged.
    package var isOfLaterVersion: Bool { remedy == Self.upgrade }

    /// The remedy for what a later version wrote.
    static let upgrade = "upgrade ringfence"

    package var description: String { "cannot \(step.rawValue) the profile \(subject): \(reason); \(remedy)" }
}
