// SPDX-License-Identifier: Apache-2.0
import Platform
import Recorder

/// One line on the terminal that says where a recording stands, redrawn in place.
struct LiveLine {
    private let terminal: Terminal
    private let isShown: Bool
    private let isQuiet: Bool
    private var last = -1.0

    /// A line on stderr. Not shown where it would be mixed with a command's own output on the same terminal.
    init(quiet: Bool, commandOwnsTerminal: Bool) {
        terminal = .error
        isQuiet = quiet
        isShown = !quiet && !commandOwnsTerminal && terminal.isInteractive
    }

    /// Redraws at most four times a second.
    mutating func show(_ progress: RecordingProgress) {
        if !progress.notes.isEmpty {
            clear()
            say(progress.notes)
        }
        guard isShown, progress.seconds - last >= 0.25 else { return }
        last = progress.seconds
        let new = progress.lastNew.map { ", last new: \($0.call) by \($0.executable)" } ?? ""
        let text =
            "recording \(NumberText.seconds(progress.seconds)), \(NumberText.counted(progress.tasks, "task")), "
            + "\(NumberText.counted(progress.calls, "distinct call"))\(new)"
        terminal.write("\r\u{1b}[K" + Self.cut(text, to: terminal.columns - 1))
    }

    /// What fits: a line that wraps could not be taken off again. What is not ASCII may be two columns wide.
    private static func cut(_ text: String, to columns: Int) -> String {
        var room = columns
        return String(
            text.prefix {
                room -= $0.isASCII ? 1 : 2
                return room >= 0
            })
    }

    /// Writes notes, a line each, at once.
    func say(_ notes: [String]) {
        guard !isQuiet else { return }
        for note in notes { terminal.line("ringfence: \(HostileText.printable(note))") }
    }

    /// Takes the line off the terminal.
    func clear() {
        if isShown, last >= 0 { terminal.write("\r\u{1b}[K") }
    }
}
