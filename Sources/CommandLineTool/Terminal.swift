// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// One of the standard output streams: whole writes, colour only on a terminal.
struct Terminal: Sendable {
    static let output = Terminal(descriptor: STDOUT_FILENO)
    static let error = Terminal(descriptor: STDERR_FILENO)
    /// For text that goes into a file: no colour, whatever stderr is.
    static let plain = Terminal(descriptor: STDERR_FILENO, isPlain: true)

    /// Escape sequences that are used, and nothing else.
    enum Style: String { case red = "31", yellow = "33", green = "32", bold = "1", dim = "2" }

    private let descriptor: CInt
    /// Whether somebody looks at it.
    let isInteractive: Bool
    /// Whether escape sequences for colour are wanted.
    let hasColour: Bool

    private init(descriptor: CInt, isPlain: Bool = false) {
        self.descriptor = descriptor
        isInteractive = !isPlain && isatty(descriptor) == 1
        // https://no-color.org: any value but the empty one means no colour.
        let refused = unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } ?? false
        hasColour = isInteractive && !refused
    }

    /// How many columns it shows now; 80 where that is not known (ioctl_tty(2)).
    var columns: Int {
        var size = winsize()
        // SAFETY: TIOCGWINSZ writes one winsize, which is ours.
        let status = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// Writes text and a newline with one write(2).
    func line(_ text: String = "") { write(text + "\n") }

    /// Writes a result; throws if it could not be written whole.
    func deliver(_ bytes: [UInt8]) throws(CommandFailure) {
        guard let reason = put(bytes) else { return }
        throw CommandFailure("cannot write to standard output: \(SystemError.message(reason))", exitCode: 74)
    }

    /// Writes all of `text` for a person to read; what a closed pipe does not take is lost.
    func write(_ text: String) { _ = put(Array(text.utf8)) }

    /// Writes all; the errno if that failed.
    private func put(_ all: [UInt8]) -> CInt? {
        var bytes = all[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                let reason = errno
                guard reason == EINTR || reason == EAGAIN else { return reason }
                continue
            }
            bytes = bytes.dropFirst(count)
        }
        return nil
    }

    /// `text` in a style where this is a terminal that may have colour.
    func styled(_ text: String, _ style: Style) -> String {
        hasColour ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }
}
