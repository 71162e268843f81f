// SPDX-License-Identifier: Apache-2.0
import CShims
import Events
import Glibc
import Sensor
import TestSupport
import Testing

@Suite("io_uring, denials and the fallback", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct OtherProgramTests {
    @Test("operations submitted through io_uring are kept like calls")
    func ioUring() throws {
        let fixture = try SensorFixture()
        try #require(try fixture.probe("io_uring") == 0)
        let operations = try #require(try fixture.probeSub().ioUring[.workload])
        #expect(operations.numbers.map { IOUringOperation.name($0) } == ["IORING_OP_NOP", "IORING_OP_OPENAT"])
        #expect(try !fixture.calls().contains(SyscallTable.table(.native).number("openat") ?? -1))
        let record = try #require(fixture.record(.ioUringFirstUse, 18))
        #expect(record.path == TestProgram.probe.path && record.phase == .workload)
        #expect(record.cgroupID == fixture.cgroup.id)
    }

    @Test("a call that a filter denies is kept as an attempt, with its errno, and not as a use")
    func denied() throws {
        let fixture = try SensorFixture { $0.watchesDenials = true }
        // Load nr; if it is 134 (uselib) return ERRNO|38, else allow.
        let filter = [
            rf_bpf_instruction(code: 0x20, jt: 0, jf: 0, k: 0),
            rf_bpf_instruction(code: 0x15, jt: 0, jf: 1, k: 134),
            rf_bpf_instruction(code: 0x06, jt: 0, jf: 0, k: 0x0005_0026),
            rf_bpf_instruction(code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000),
        ]
        try fixture.probe("calls", "134", "135", "134", filter: filter)
        let calls = try fixture.calls()
        #expect(!calls.contains(134))
        #expect(calls.contains(135))
        let denials = fixture.sensor.denials()
        #expect(denials.count == 1)
        let denial = try #require(denials.first)
        #expect(denial.number == 134 && denial.errno == 38 && denial.abi == .native && denial.phase == .workload)
        #expect(denial.count == 2)
        #expect(denial.sub == (try fixture.probeSub().index))
        #expect(denial.pid > 0 && denial.comm.hasPrefix("probe"))
        let record = try #require(fixture.record(.denied, 134))
        #expect(record.result == -38 && record.arguments[0] == 0x11)
        #expect(record.path == TestProgram.probe.path)
    }

    @Test("forks, threads, execs and failed calls are no denials")
    func nothingDenied() throws {
        let fixture = try SensorFixture { $0.watchesDenials = true }
        try fixture.probe("fork", "20")
        try fixture.probe("threads", "20")
        try fixture.probe("exec", "5")
        try fixture.probe("calls", "999", "0", "1000")
        #expect(fixture.sensor.denials().isEmpty)
    }

    @Test("without task storage, calls are still recorded for each cgroup")
    func fallback() throws {
        let fixture = try SensorFixture { $0.fallbackOnly = true }
        #expect(fixture.sensor.isFallback)
        try fixture.probe("calls", "134")
        try fixture.probe("calls", "64", program: .probe32)
        let calls = try #require(fixture.sensor.fallbackCalls()[fixture.cgroup.id])
        #expect(calls[.native]?.contains(134) == true)
        #expect(calls[.native]?.contains(135) == false)
        #expect(calls[.compat]?.contains(64) == true)
        #expect(fixture.sensor.fallbackCalls().count == 1, "nothing outside the target's cgroup")
    }

    @Test("every program that this kernel offers is attached")
    func programs() throws {
        let fixture = try SensorFixture { $0.watchesDenials = true }
        let missing = fixture.sensor.programs.filter { $0.missing != nil }
        #expect(missing.allSatisfy { $0.missing == "the kernel has no tracepoint cap_capable" }, "\(missing)")
        #expect(!fixture.sensor.isFallback)
    }
}
