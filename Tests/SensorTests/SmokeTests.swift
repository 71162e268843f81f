// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Sensor
import Testing

@Suite("Smoke", .serialized)
struct SmokeTests {
    @Test("loads")
    func loads() throws {
        let clock = ContinuousClock()
        var sensor: Sensor?
        let took = try clock.measure { var c = SensorConfiguration(scope: .everything); c.countPages = 1024; c.watchesDenials = true; sensor = try Sensor(c) }
        print("took", took)
        let s = try #require(sensor)
        for p in s.programs { print(p.program, p.missing ?? "ok") }
        usleep(300000)
        for slot in s.slots { print(slot.index, slot.path, slot.cgroupID, slot.calls, slot.flags, slot.instances, slot.liveWorkload, slot.account) }
        for sub in s.subs { print(sub.path, sub.slot, sub.calls.mapValues { $0.mapValues { $0.numbers.map { SyscallTable.table(.native).name($0) } } }) }
        print(try s.drainRecords().prefix(3))
        print(s.losses, s.mapBytes)
    }
}
