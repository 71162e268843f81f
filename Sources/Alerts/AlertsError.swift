// SPDX-License-Identifier: Apache-2.0

/// Why alerts or the audit could not be written or read: one line that names the thing, the cause and the remedy.
package struct AlertsError: Error, Equatable, CustomStringConvertible {
    /// What was tried.
    package enum Step: String, Sendable { case open, append, read, encode, find }

    package let step: Step
    /// A path, or an alert's id.
    package let subject: String
    /// What is wrong, as a clause.
    package let reason: String
    /// What to do about it, as a request.
    package let remedy: String
    /// The kernel's error number where a system call failed, else nil.
    package let errno: CInt?

    /// An error of `step` on `subject`.
    package init(_ step: Step, _ subject: String, reason: String, remedy: String, errno: CInt? = nil) {
        self.step = step
        self.subject = subject
        self.reason = reason
        self.remedy = remedy
        self.errno = errno
    }

    package var description: String { "cannot \(step.rawValue) \(subject): \(reason); \(remedy)" }
}
