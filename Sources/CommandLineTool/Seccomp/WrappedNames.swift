// SPDX-License-Identifier: Apache-2.0

/// A list of names over as many lines as it needs.
enum WrappedNames {
    /// Lines of at most 100 columns; those behind the first are indented. More names than `limit` are only counted.
    static func lines(_ head: String, _ names: [String], limit: Int?) -> [String] {
        guard !names.isEmpty else { return [] }
        let shown = limit.map { Array(names.prefix($0)) } ?? names
        var words = shown
        if shown.count < names.count { words.append("and \(names.count - shown.count) more (--all)") }
        var lines: [String] = []
        var line = head
        for (index, word) in words.enumerated() {
            if index > 0, line.count + word.count + 1 > 100 {
                lines.append(line)
                line = "      "
            }
            line += (line.last == " " ? "" : " ") + word
        }
        return lines + [line]
    }
}
