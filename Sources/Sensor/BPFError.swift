// SPDX-License-Identifier: Apache-2.0
import Platform

/// Something that libbpf or bpf(2) could not do.
package struct BPFError: Error, Equatable, CustomStringConvertible {
    /// What was tried.
    package enum Step: String, Sendable {
        case open, configure, load, attach, map, pin, poll, read
    }

    package let step: Step
    /// The program, map or object.
    package let subject: String
    /// The kernel's error number, positive.
    package let errno: CInt
    /// What to do about it, or empty.
    package let remedy: String

    /// An error; `errno` may have libbpf's negative sign.
    package init(step: Step, subject: String, errno: CInt, remedy: String = "") {
        self.step = step
        self.subject = subject
        self.errno = abs(errno)
        self.remedy = remedy
    }

    package var description: String {
        let text = "cannot \(step) \(subject): \(SystemError.message(errno))"
        return remedy.isEmpty ? text : text + "; " + remedy
    }
}
