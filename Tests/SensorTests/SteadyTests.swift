// SPDX-License-Identifier: Apache-2.0
import CShims
import Events
import Glibc
import Platform
import Sensor
import TestSupport
import Testing

@Suite("Calls under own filters", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct SteadyTests {
    /// What the program called under filters of its own after it did what `words` say, of 134, 135 and 136. All three were
    /// made and kept.
    private func steady(
        _ words: String, filter: [rf_bpf_instruction] = [], _ phase: Phase = .workload
    ) throws -> [Int] {
        let fixture = try SensorFixture { $0.keepsSteady = true }
        let path = try #require(TestProgram.steady.path, "cannot compile the test program")
        let status = try fixture.cgroup.run([path] + words.split(separator: " ").map(String.init), filter: filter)
        #expect(status == 0)
        let calls = try fixture.calls(of: .steady)
        #expect([134, 135, 136].allSatisfy(calls.contains))
        let sub = try fixture.probeSub(.steady).index
        let kept = try #require(fixture.sensor.steady())
        #expect(kept.allSatisfy { $0.sub == sub }, "of nobody else")
        let set = kept.first?.calls[phase]?[.native] ?? CallSet()
        #expect(set.numbers.allSatisfy(calls.contains), "each is a call of the workload")
        return [134, 135, 136].filter(set.contains)
    }

    @Test("are those after prctl(2) or seccomp(2) has loaded one, and those of children")
    func afterwards() throws {
        #expect(try steady("call 134 filter call 135 fork 136") == [135, 136])
        #expect(try steady("call 134 call 135 sync call 136") == [136])
        #expect(try steady("fork 134 filter filter call 135 call 136 call 134") == [134, 135, 136])
    }

    @Test("are none where nobody loads one, or who loaded it did so before the program was executed")
    func notOwn() throws {
        #expect(try steady("call 134 call 135 call 136") == [])
        let allow = [rf_bpf_instruction(code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000)]
        #expect(try steady("call 134 fork 135 call 136", filter: allow) == [])
        #expect(try steady("call 134 filter fork 135 call 136", filter: allow) == [135, 136])
    }

    @Test("end when another program is executed, and begin again when that loads one")
    func executed() throws {
        #expect(try steady("filter call 135 exec call 134 call 136") == [135])
        #expect(try steady("filter call 135 exec call 134 filter fork 136") == [135, 136])
    }

    @Test("are those of a thread that was synchronised, and not of one that was not")
    func threads() throws {
        #expect(try steady("call 134 start 135 sync join call 136") == [135, 136])
        #expect(try steady("call 134 start 135 filter join call 136") == [136])
    }

    @Test("of a session are kept as its own")
    func session() throws {
        let fixture = try SensorFixture { $0.keepsSteady = true }
        let path = try #require(TestProgram.steady.path)
        let probe = try #require(TestProgram.probe.path)
        let main = try fixture.cgroup.start([probe, "sleep", "60000"])
        try #require(Shell.eventually { (try? fixture.slot().liveWorkload) == 1 })
        #expect(try fixture.cgroup.run([path, "call", "134", "filter", "call", "135"]) == 0)
        main.send(SIGKILL)
        #expect(try Shell.end(of: main) == 137)
        let kept = try #require(fixture.sensor.steady()?.first)
        #expect(kept.calls[.workload] == nil)
        let set = try #require(kept.calls[.sessionWorkload]?[.native])
        #expect(set.contains(135) && !set.contains(134))
    }

    @Test("are not kept unless asked for")
    func off() throws {
        let fixture = try SensorFixture()
        let path = try #require(TestProgram.steady.path)
        #expect(try fixture.cgroup.run([path, "filter", "call", "135"]) == 0)
        #expect(fixture.sensor.steady() == nil)
        let bytes = fixture.sensor.mapSizes.first { $0.name == "rf_steady" }?.bytes
        #expect(try #require(bytes) <= 8192)
    }
}
