// SPDX-License-Identifier: Apache-2.0
import Platform

/// Why the daemon and the tool could not talk: one line that names the thing, the cause and the remedy.
package struct ControlError: Error, Equatable, CustomStringConvertible {
    /// What was tried.
    package enum Step: String, Sendable {
        case listen = "listen on"
        case connect = "reach ringfenced at"
        case ask
        /// The daemon understood and said no.
        case refused
    }

    package let step: Step
    /// The socket's path, or the verb.
    package let subject: String
    /// What is wrong, as a clause.
    package let reason: String
    /// What to do about it, as a request; may be empty.
    package let remedy: String
    /// sysexits(3): 69 nobody there, 75 busy, 76 no sense, 77 permission; else what the daemon gave.
    package let exitCode: Int32

    /// An error of `step` on `subject`.
    package init(_ step: Step, _ subject: String, reason: String, remedy: String, exitCode: Int32) {
        self.step = step
        self.subject = subject
        self.reason = reason
        self.remedy = remedy
        self.exitCode = exitCode
    }

    init(listening error: SystemError) {
        self.init(
            .listen, error.subject, reason: "cannot \(error.step) it: \(SystemError.message(error.errno))",
            remedy: "run as root, or check RuntimeDirectory=", exitCode: 71)
    }

    package var description: String {
        let tail = remedy.isEmpty ? "" : "; \(remedy)"
        return switch step {
        case .refused: reason + tail
        case .ask: "cannot ask ringfenced for \(subject): \(reason)\(tail)"
        case .listen, .connect: "cannot \(step.rawValue) \(subject): \(reason)\(tail)"
        }
    }
}
