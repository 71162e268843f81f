// SPDX-License-Identifier: Apache-2.0

/// What a terminal shows, as far as this program and shells write to it: text, carriage return, newline, "erase to the
/// end of the line" and colours. It wraps at its last column as real ones do.
struct Screen {
    /// A control sequence that this terminal does not know was written.
    private(set) var oddities: [String] = []
    private var rows: [[Character]] = [[]]
    private var row = 0
    private var column = 0
    private let columns: Int

    /// A terminal on which all of `output` was written.
    init(columns: Int, _ output: String) {
        self.columns = columns
        var rest = Substring(output)
        while let next = rest.unicodeScalars.popFirst() {
            switch next {
            case "\r": column = 0
            case "\n": newline()
            case "\u{1b}":
                let sequence = rest.prefix { !$0.isLetter }
                rest = rest.dropFirst(sequence.count)
                let letter = rest.popFirst()
                if letter == "K" {
                    rows[row].removeLast(max(0, rows[row].count - column))
                } else if letter != "m" {
                    oddities.append("\(sequence)\(letter.map(String.init) ?? "")")
                }
            default: put(Character(next))
            }
        }
    }

    /// Its lines, empty ones left out.
    var lines: [String] { rows.map { String($0) }.filter { !$0.isEmpty } }

    private mutating func newline() {
        column = 0
        row += 1
        if row == rows.count { rows.append([]) }
    }

    private mutating func put(_ character: Character) {
        if column == columns { newline() }
        while rows[row].count <= column { rows[row].append(" ") }
        rows[row][column] = character
        column += 1
    }
}
