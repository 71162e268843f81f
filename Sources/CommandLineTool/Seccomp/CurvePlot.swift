// SPDX-License-Identifier: Apache-2.0

/// A rising curve in characters.
enum CurvePlot {
    /// The values 1, 2, ... from left to right, with a dashed line at `limit` if that is given; `rows` lines and an axis.
    static func lines(_ values: [Double], limit: Double?, columns: Int, rows: Int) -> [String] {
        guard let last = values.last, let first = values.first, rows > 1 else { return [] }
        let top = max(last, limit ?? last)
        // What all runs share says nothing about the curve: begin a little below its first value.
        let bottom = max(0, first - (top - first) * 0.25 - 1)
        let labelWidth = String(Int(top.rounded())).count
        let width = min(max(columns - labelWidth - 4, 8), values.count == 1 ? 8 : 60)
        func row(_ value: Double) -> Int {
            top == bottom ? 0 : Int(((top - value) / (top - bottom) * Double(rows - 1)).rounded())
        }
        var grid = [[Character]](repeating: [Character](repeating: " ", count: width), count: rows)
        if let limit { for column in stride(from: 0, to: width, by: 2) { grid[row(limit)][column] = "-" } }
        for column in 0..<width {
            let place = Double(column) / Double(max(1, width - 1)) * Double(values.count - 1)
            let left = Int(place)
            let right = min(left + 1, values.count - 1)
            let value = values[left] + (values[right] - values[left]) * (place - Double(left))
            grid[row(value)][column] = "*"
        }
        var lines = grid.enumerated().map { index, cells in
            let value = top - (top - bottom) * Double(index) / Double(rows - 1)
            let isLabelled = index == 0 || index == rows - 1 || index == row(last) || index == rows / 2
            let label = isLabelled ? String(Int(value.rounded())) : ""
            let padding = String(repeating: " ", count: max(0, labelWidth - label.count))
            var line = "  \(padding)\(label) |\(String(cells))"
            while line.last == " " { line.removeLast() }
            return line
        }
        let margin = String(repeating: " ", count: labelWidth + 3)
        lines.append("\(margin)+\(String(repeating: "-", count: width))")
        let end = String(values.count)
        lines.append("\(margin) 1\(String(repeating: " ", count: max(1, width - 1 - end.count)))\(end)")
        return lines
    }
}
