// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Daemon

@Suite("Memory after a storm")
struct RingRestTests {
    private let pause = RingRest.interval

    @Test("a ring's memory is given back after many records, in a storm and after it, and not for a few")
    func many() {
        var rest = RingRest()
        let looks: [(pushed: UInt64, isDue: Bool)] = [
            (0, false), (1000, false), (1024, true), (9000, true), (9001, false), (10_023, false), (10_024, true),
            (10_024, false),
        ]
        for (number, look) in looks.enumerated() {
            let isDue = rest.isDue(pushed: look.pushed, now: UInt64(number + 1) * pause)
            #expect(isDue == look.isDue, "\(look)")
        }
    }

    @Test("it is looked at every five seconds, however often the thread wakes up")
    func pace() {
        var rest = RingRest()
        var dues: [UInt64] = []
        for (number, moment) in (Array(pause..<pause + 1000) + [2 * pause - 1, 2 * pause]).enumerated() {
            if rest.isDue(pushed: 2000 * UInt64(number + 1), now: moment) { dues.append(moment) }
        }
        #expect(dues == [pause, 2 * pause])
    }

    @Test("a dictionary that is nearly empty is made anew, a full one is left alone")
    func room() {
        var table = Dictionary(uniqueKeysWithValues: (0..<10_000).map { ($0, String($0)) })
        let full = table.capacity
        table.giveBackRoom()
        #expect(table.capacity == full && table.count == 10_000)
        for number in 10..<10_000 { table[number] = nil }
        #expect(table.capacity >= 10_000, "or there is nothing to do")
        table.giveBackRoom()
        #expect(table.capacity < 64)
        #expect(table == Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, String($0)) }))
    }
}
