// SPDX-License-Identifier: Apache-2.0

/// The lines that wait for one subscriber, bounded: a new one pushes out the oldest, which are counted.
struct TailQueue {
    private let lineLimit: Int
    private let byteLimit: Int
    /// A ring: `head` is the oldest, `count` lines follow.
    private var lines: [[UInt8]] = []
    private var head = 0
    private var bytes = 0
    /// Lines pushed out since the reader was last told; all of them are older than everything that waits.
    private(set) var lost: UInt64 = 0

    init(lines: Int, bytes: Int) {
        lineLimit = max(1, lines)
        byteLimit = bytes
    }

    var count: Int { lines.count - head }

    mutating func push(_ line: [UInt8]) {
        guard line.count <= byteLimit else {
            // It cannot wait here. What waits is older: to keep the order of the count it goes too.
            lost &+= UInt64(count) + 1
            lines.removeAll()
            head = 0
            bytes = 0
            return
        }
        while count >= lineLimit || (count > 0 && bytes + line.count > byteLimit) {
            _ = popLine()
            lost &+= 1
        }
        lines.append(line)
        bytes += line.count
    }

    /// Appends what goes next to `output`, until that has `limit` bytes or nothing waits.
    mutating func move(to output: inout [UInt8], limit: Int) {
        if lost > 0 {
            output.append(contentsOf: ControlProtocol.lost(lost))
            lost = 0
        }
        while output.count < limit, let line = popLine() { output.append(contentsOf: line) }
    }

    private mutating func popLine() -> [UInt8]? {
        guard head < lines.count else { return nil }
        let line = lines[head]
        lines[head] = []
        head += 1
        bytes -= line.count
        if head > 64, head * 2 > lines.count {
            lines.removeFirst(head)
            head = 0
        }
        return line
    }
}
