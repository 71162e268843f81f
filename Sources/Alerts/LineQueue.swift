// SPDX-License-Identifier: Apache-2.0

/// Lines on their way out, bounded in number and bytes. When it is full the oldest of the least severe goes: a flood of
/// notices pushes no critical alert out.
struct LineQueue {
    private struct Entry {
        let severity: Severity
        let line: [UInt8]
    }

    static let defaultLimit = 1024
    private static let byteLimit = 16 * 1024 * 1024

    private let limit: Int
    private var entries: [Entry] = []
    private var bytes = 0
    /// Bytes of the first line that are out already: it is not dropped.
    private(set) var written = 0
    private(set) var dropped: UInt64 = 0

    init(limit: Int) { self.limit = max(2, limit) }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    /// What is left of the first line.
    var first: ArraySlice<UInt8>? { entries.first?.line[written...] }

    mutating func append(_ line: [UInt8], severity: Severity) {
        entries.append(Entry(severity: severity, line: line))
        bytes += line.count
        while entries.count > limit || bytes > Self.byteLimit, entries.count > 1 { drop() }
    }

    /// Notes that so many bytes of the first line are out. True if that was the rest of it: the line is then removed.
    mutating func advance(_ count: Int) -> Bool {
        written += count
        guard let first = entries.first, written >= first.line.count else { return false }
        removeFirst()
        return true
    }

    mutating func removeFirst() {
        bytes -= entries.removeFirst().line.count
        written = 0
    }

    /// The first line is to be written from its beginning again, to somebody else.
    mutating func startOver() { written = 0 }

    private mutating func drop() {
        let candidates = entries.indices.dropFirst(written > 0 ? 1 : 0)
        guard let place = candidates.min(by: { (entries[$0].severity, $0) < (entries[$1].severity, $1) }) else {
            return
        }
        bytes -= entries.remove(at: place).line.count
        dropped += 1
    }
}
