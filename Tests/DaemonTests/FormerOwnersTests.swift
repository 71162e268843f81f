// SPDX-License-Identifier: Apache-2.0
import Alerts
import Testing

@testable import Daemon

@Suite("Former owners")
struct FormerOwnersTests {
    private func place(_ slot: UInt32, _ cgroupID: UInt64) -> WatchBoard.Place {
        WatchBoard.Place(slot: slot, cgroupID: cgroupID)
    }

    @Test("a slot's former owner is found by its cgroup, beside the one that has the slot now")
    func bothAreKnown() {
        var former = FormerOwners()
        former.add([place(3, 100)], .nobody, now: 1)
        former.add([place(3, 200)], .nobody, now: 2)
        #expect(Set(former.owners.keys) == [place(3, 100), place(3, 200)])
        #expect(former.owners[place(4, 100)] == nil)
    }

    @Test("it is kept for ten seconds")
    func expires() {
        var former = FormerOwners()
        former.add([place(1, 1)], .nobody, now: 5)
        former.add([place(2, 2)], .nobody, now: 6)
        let early = former.expire(now: 10_000_000_004)
        let late = former.expire(now: 10_000_000_005)
        #expect(!early && late)
        #expect(Set(former.owners.keys) == [place(2, 2)])
        let last = former.expire(now: 20_000_000_000)
        #expect(last && former.owners.isEmpty)
    }

    @Test("it is bounded, and the oldest go first")
    func bound() {
        var former = FormerOwners()
        for number in 0..<10_000 {
            former.add([place(UInt32(number), UInt64(number))], .nobody, now: UInt64(number))
            #expect(former.owners.count <= 4096)
        }
        #expect(former.owners[place(9999, 9999)] != nil && former.owners[place(0, 0)] == nil)
        former.add((0..<5000).map { place($0, 1) }, .nobody, now: 10_000)
        #expect(former.owners.count <= 4096, "even if they come at once")
    }
}
