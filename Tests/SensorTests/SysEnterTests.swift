// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Sensor
import TestSupport
import Testing

@Suite("System calls", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct SysEnterTests {
    @Test("a first use sets one bit and sends one record with every field")
    func firstUse() throws {
        let fixture = try SensorFixture()
        let before = bootNanoseconds()
        try fixture.probe("calls", "134", "134", "134")
        let calls = try fixture.calls()
        #expect(calls.contains(134))
        #expect(!calls.contains(135))
        let uses = fixture.records.filter { $0.kind == .firstUse && $0.number == 134 }
        #expect(uses.count == 1)
        let record = try #require(uses.first)
        #expect(record.arguments == [0x11, 0x22, 0x33, 0x44, 0x55, 0x66])
        #expect(record.phase == .workload)
        #expect(record.abi == .native)
        #expect(record.cgroupID == fixture.cgroup.id)
        #expect(record.path == TestProgram.probe.path)
        #expect(record.comm == record.path.split(separator: "/").last.map { String($0.prefix(15)) })
        #expect(record.pid == record.tgid)
        #expect(record.uid == getuid())
        #expect(record.timeNanoseconds > before && record.timeNanoseconds < bootNanoseconds())
        #expect(record.startNanoseconds > before && record.startNanoseconds <= record.timeNanoseconds)
        #expect(record.ancestors.first?.pid == UInt32(getpid()))
        #expect(record.result == 0)
        #expect(!record.pathIsCut && !record.isDeleted)
        let sub = try fixture.probeSub()
        #expect(record.sub == sub.index && record.inode == sub.inode && record.device == sub.device)
        var status = stat()
        #expect(unsafe stat(record.path, &status) == 0)
        #expect(record.inode == UInt64(status.st_ino))
    }

    @Test("a 32-bit program's calls are kept in their own table under their own names")
    func compat() throws {
        let fixture = try SensorFixture()
        // 64 is getppid in the 32-bit table and semget in the native one.
        try fixture.probe("calls", "64", "372", program: .probe32)
        let calls = try fixture.calls(.compat, of: .probe32)
        #expect(calls.contains(64))
        #expect(SyscallTable.table(.compat).name(64) == "getppid")
        #expect(calls.contains(372))
        #expect(try fixture.probeSub(.probe32).calls[.workload]?[.native] == nil)
        let record = try #require(fixture.record(.firstUse, 372))
        #expect(record.abi == .compat)
        #expect(record.arguments == [0x11, 0x22, 0x33, 0x44, 0x55, 0x66])
    }

    @Test("x32 numbers lose their bit and are kept apart")
    func x32() throws {
        let fixture = try SensorFixture()
        try fixture.probe("calls", "0x40000027", "0x40000221")
        let calls = try fixture.calls(.x32)
        #expect(calls.contains(39) && calls.contains(0x221))
        #expect(!(try fixture.calls().contains(0x221)))
        #expect(SyscallTable.table(.x32).name(39) == "getpid")
    }

    @Test("numbers outside every table are counted, kept and reported within a budget")
    func outOfRange() throws {
        let fixture = try SensorFixture()
        try fixture.probe("calls", "-1", "99999", "576", "0x7fffffff")
        let slot = try fixture.slot()
        #expect(slot.outOfRange == 4)
        #expect(slot.oddNumbers.contains { $0.number == -1 && $0.abi == 0 })
        #expect(slot.oddNumbers.contains { $0.number == 99999 })
        #expect(slot.oddNumbers.contains { $0.number == 576 })
        // 0x7fffffff carries the x32 bit.
        #expect(slot.oddNumbers.contains { $0.number == 0x3fff_ffff && $0.abi == CallABI.x32.rawValue })
        #expect(fixture.records.filter { $0.kind == .outOfRange }.count == 4)
    }

    @Test("socket families and clone flags are kept as values, sixteen at most")
    func arguments() throws {
        let fixture = try SensorFixture()
        try fixture.probe("sockets", "1", "2", "10", "16", "1")
        #expect(try fixture.slot().socketFamilies[.workload]?.values == [1, 2, 10, 16])
        #expect(try fixture.slot().socketFamilies[.workload]?.overflow == 0)
        try fixture.probe(
            "sockets", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33")
        let families = try #require(try fixture.slot().socketFamilies[.workload])
        #expect(families.values.count == 16)
        #expect(families.overflow == 2)
        try fixture.probe("fork", "1")
        let flags = try #require(try fixture.slot().cloneFlags[.workload]?.values)
        #expect(flags.contains { $0 & 0xff == UInt64(SIGCHLD) })
    }

    @Test("calls are counted one by one where asked for")
    func counts() throws {
        let fixture = try SensorFixture { $0.countPages = 64 }
        try fixture.probe("fork", "25")
        let sub = try fixture.probeSub()
        let page = try #require(sub.countPages[.workload]?[.native])
        let counts = try #require(fixture.sensor.counts(page: page))
        #expect(counts[try #require(SyscallTable.table(.native).number("wait4"))] == 25)
        #expect(counts[try #require(SyscallTable.table(.native).number("exit_group"))] == 26)
        let slot = try fixture.slot()
        #expect(slot.calls >= UInt64(counts.reduce(0, +)), "booked when the tasks ended")
    }

    private func bootNanoseconds() -> UInt64 {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
