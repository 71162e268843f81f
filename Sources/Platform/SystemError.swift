// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A system call on something that failed: what was tried, on what, and the kernel's reason.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    /// What was tried, as a verb phrase that reads after "cannot": "write", "create the directory".
    package let step: String
    /// What it was tried on, usually a path.
    package let subject: String
    /// The kernel's error number, see errno(3).
    package let errno: CInt

    /// An error for `step` on `subject` with the errno of the call that just failed.
    package init(_ step: String, _ subject: String, errno: CInt) {
        self.step = step
        self.subject = subject
        self.errno = errno
    }

    package var description: String { "cannot \(step) \(subject): \(Self.message(errno))" }

    /// strerror(3) for one error number. Any thread.
    package static func message(_ errno: CInt) -> String {
        // SAFETY: strerror returns a string that lives at least until the next call on this thread; it is copied here.
        unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    }
}
