// SPDX-License-Identifier: Apache-2.0
import Detection
import Events
import Testing

@Suite("Score")
struct ScoreTests {
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

    @Test("a reverse shell is critical at once, and a busy allocator never warns")
    func examples() {
        var shell = ScoreWindow<String>()
        var sum = 0.0
        for name in ["socket", "connect", "dup2", "execve"] {
            sum = shell.add(name, points: Score.points(.ofCall(name), maturity: 1), at: 1)
        }
        #expect(sum == 10)
        #expect(Score.level(sum, isReady: true) == .critical)
        var allocator = ScoreWindow<String>()
        for name in ["mremap", "madvise", "mincore", "futex", "nanosleep", "sigaltstack", "mprotect", "clone3"] {
            sum = allocator.add(name, points: Score.points(.ofCall(name), maturity: 1), at: 1)
        }
        #expect(sum == 2)
        #expect(Score.level(sum, isReady: true) == .notice)
    }

    @Test("an item counts once however often it is seen, and for 60 s after the last time")
    func window() {
        let second: UInt64 = 1_000_000_000
        var window = ScoreWindow<String>()
        #expect(window.add("connect", points: 3, at: 100 * second) == 3)
        #expect(window.add("connect", points: 3, at: 130 * second) == 3)
        #expect(window.add("i386 connect", points: 1, at: 130 * second) == 4)
        #expect(window.sum(at: 190 * second - 1) == 4)
        #expect(window.sum(at: 190 * second) == 0)
        #expect(window.isOver(at: 190 * second) && !window.isOver(at: 189 * second))
        #expect(window.add("listen", points: 1, at: 189 * second) == 5)
        #expect(window.add("listen", points: 1, at: 188 * second) == 5)
        #expect(window.add("connect", points: 0.5, at: 190 * second) == 1.5)
    }

    @Test("the window is bounded, counts what found no place and makes room when items are over")
    func bound() {
        var window = ScoreWindow<String>()
        for number in 0..<300 { _ = window.add("call \(number)", points: 1, at: 5) }
        #expect(window.sum(at: 5) == Double(ScoreWindow<String>.limit))
        #expect(window.overflow == 44)
        #expect(window.add("192.0.2.1:443", points: 3, at: 5 + Score.windowNanoseconds) == 3)
        #expect(window.overflow == 44)
    }
}
