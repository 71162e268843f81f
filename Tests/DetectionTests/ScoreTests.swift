// SPDX-License-Identifier: Apache-2.0
import Detection
import Events
import Testing

@Suite("Score")
struct ScoreTests {
    @Test(
        "maturity is the share over the upper bound, at most 1",
        arguments: [
            (0.05, 0.05, 1.0), (0.05, 0.01, 1.0), (0.05, 0.1, 0.5), (0.05, 1.0, 0.05), (0.05, 0.0, 1.0),
            (0.0, 0.5, 0.0),
            (0.05, Double.nan, 0.0), (Double.nan, 0.05, 0.0), (0.05, -1.0, 0.0),
        ])
    func maturity(share: Double, bound: Double, expected: Double) {
        #expect(abs(Score.maturity(share: share, upperBound: bound) - expected) < 1e-12)
    }

    @Test(
        "levels begin at 3 and 6, and a profile that is not ready gives notices only",
        arguments: [
            (0.0, Score.Level.notice), (2.999, .notice), (3, .warning), (5.999, .warning), (6, .critical),
            (1000, .critical),
        ])
    func levels(sum: Double, level: Score.Level) {
        #expect(Score.level(sum, isReady: true) == level)
        #expect(Score.level(sum, isReady: false) == .notice)
    }

    @Test("weights are 3, 1 and 0.25, times the maturity within 0...1")
    func points() {
        #expect(Score.points(.high, maturity: 1) == 3)
        #expect(Score.points(.middle, maturity: 0.5) == 0.5)
        #expect(Score.points(.low, maturity: 1) == 0.25)
        #expect(Score.points(.high, maturity: 7) == 3)
        #expect(Score.points(.high, maturity: -1) == 0)
        #expect(Score.points(.high, maturity: .nan) == 0)
    }

    @Test("every name in the table of classes is a call of some ABI, and in one class only")
    func names() {
        let tables = Architecture.allCases.flatMap { architecture in
            CallABI.allCases.map { SyscallTable.table($0, on: architecture) }
        }
        for (group, names) in CallClass.namedCalls {
            for name in names {
                #expect(tables.contains { $0.number(name) != nil }, "\(name) is no call")
                #expect(CallClass.ofCall(name) == group)
            }
        }
        #expect(CallClass.ofCall("openat") == .middle)
        #expect(CallClass.ofCall("#999") == .middle)
        #expect(CallClass.ofOperation("IORING_OP_CONNECT") == .high)
        #expect(CallClass.ofOperation("IORING_OP_READ") == .middle)
        #expect(CallClass.ofOperation("IORING_OP_TIMEOUT") == .low)
    }

    @Test("an item's class goes by the name in its ABI's table, not by the number")
    func items() {
        #expect(ScoreItem.call(.native, 59).callClass(on: .x86_64) == .high)
        #expect(ScoreItem.call(.native, 221).callClass(on: .arm64) == .high)
        #expect(ScoreItem.call(.compat, 11).callClass(on: .x86_64) == .high)
        #expect(ScoreItem.call(.native, 11).callClass(on: .x86_64) == .low)
        #expect(ScoreItem.operation(16).callClass() == .high)
        #expect(ScoreItem.executable("/tmp/x").callClass() == .high)
        #expect(ScoreItem.foreignABI(.compat).callClass() == .high)
        #expect(ScoreItem.outOfRange(.native, 9999).callClass() == .middle)
    }

    @Test("a reverse shell is critical at once, and a busy allocator never warns")
    func examples() {
        var shell = ScoreWindow<ScoreItem>()
        var sum = 0.0
        for name in ["socket", "connect", "dup2", "execve"] {
            guard let number = SyscallTable.table(.native, on: .x86_64).number(name) else { return }
            let item = ScoreItem.call(.native, number)
            sum = shell.add(item, points: Score.points(item.callClass(on: .x86_64), maturity: 1), at: 1)
        }
        #expect(sum == 10)
        #expect(Score.level(sum, isReady: true) == .critical)
        var allocator = ScoreWindow<ScoreItem>()
        for name in ["mremap", "madvise", "mincore", "futex", "nanosleep", "sigaltstack", "mprotect", "clone3"] {
            guard let number = SyscallTable.table(.native, on: .x86_64).number(name) else { return }
            let item = ScoreItem.call(.native, number)
            sum = allocator.add(item, points: Score.points(item.callClass(on: .x86_64), maturity: 1), at: 1)
        }
        #expect(sum == 2)
        #expect(Score.level(sum, isReady: true) == .notice)
    }

    @Test("an item counts once however often it is seen, and for 60 s after the last time")
    func window() {
        let second: UInt64 = 1_000_000_000
        var window = ScoreWindow<ScoreItem>()
        #expect(window.add(.call(.native, 41), points: 3, at: 100 * second) == 3)
        #expect(window.add(.call(.native, 41), points: 3, at: 130 * second) == 3)
        #expect(window.add(.call(.compat, 41), points: 1, at: 130 * second) == 4)
        #expect(window.sum(at: 190 * second - 1) == 4)
        #expect(window.sum(at: 190 * second) == 0)
        #expect(window.isOver(at: 190 * second) && !window.isOver(at: 189 * second))
        #expect(window.add(.call(.native, 42), points: 1, at: 189 * second) == 5)
        #expect(window.add(.call(.native, 42), points: 1, at: 188 * second) == 5)
        #expect(window.add(.call(.native, 41), points: 0.5, at: 190 * second) == 1.5)
    }

    @Test("the window is bounded, counts what found no place and makes room when items are over")
    func bound() {
        var window = ScoreWindow<ScoreItem>()
        for number in 0..<300 { _ = window.add(.call(.native, number), points: 1, at: 5) }
        #expect(window.sum(at: 5) == Double(ScoreWindow<ScoreItem>.limit))
        #expect(window.overflow == 44)
        #expect(window.add(.peer("192.0.2.1:443"), points: 3, at: 5 + Score.windowNanoseconds) == 3)
        #expect(window.overflow == 44)
    }
}
