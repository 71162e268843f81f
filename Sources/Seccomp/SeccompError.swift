// SPDX-License-Identifier: Apache-2.0

/// Something about a seccomp profile that could not be done. One line: what, on which thing, the cause, the remedy.
package struct SeccompError: Error, Equatable, CustomStringConvertible {
    /// What was tried; reads after "cannot".
    package enum Step: String, Sendable {
        case read, generate, compile, prove, load, encode
    }

    package let step: Step
    /// The file or profile it was tried on, escaped.
    package let subject: String
    /// The cause, escaped where it quotes input.
    package let reason: String
    /// What to do about it.
    package let remedy: String

    init(_ step: Step, _ subject: String, _ reason: String, remedy: String) {
        self.step = step
        self.subject = subject
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { "\(subject): cannot \(verb): \(reason); \(remedy)" }

    private var verb: String {
        switch step {
        case .read: "read the seccomp profile"
        case .generate: "generate a seccomp profile"
        case .compile: "compile the seccomp filter"
        case .prove: "prove the seccomp filter"
        case .load: "load the seccomp filter"
        case .encode: "write the seccomp profile"
        }
    }
}
