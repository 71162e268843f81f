// SPDX-License-Identifier: Apache-2.0

/// Columns of text, aligned.
struct TextTable {
    /// Which side a column's text is moved to.
    enum Alignment { case left, right }

    private let alignments: [Alignment]
    private var rows: [[String]] = []

    init(_ alignments: Alignment...) { self.alignments = alignments }

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// One line a row, indented, without trailing blanks. The last column is never padded.
    func lines(indent: Int = 2) -> [String] {
        let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = String(repeating: " ", count: indent)
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                switch alignments[column] {
                case .left: line += column == row.count - 1 ? cell : cell + padding + "  "
                case .right: line += padding + cell + "  "
                }
            }
            return line
        }
    }
}
