// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform
import TestSupport
import Testing

@Suite("FileBytes")
struct FileBytesTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("a file of exactly the limit is read, one byte more is EFBIG")
    func limit() throws {
        try AtomicFile.write([UInt8](repeating: 1, count: 100), to: directory.file("a"))
        #expect(try FileBytes.read(directory.file("a"), limit: 100).count == 100)
        #expect(throws: SystemError("read", directory.file("a"), errno: EFBIG)) {
            try FileBytes.read(directory.file("a"), limit: 99)
        }
    }

    @Test("a file that does not know its size is read to its end, and bounded")
    func proc() throws {
        #expect(try FileBytes.read("/proc/self/stat", limit: 1 << 16).count > 20)
        #expect(throws: SystemError("read", "/proc/self/stat", errno: EFBIG)) {
            try FileBytes.read("/proc/self/stat", limit: 10)
        }
    }

    @Test("a huge sparse file costs nothing")
    func sparse() throws {
        try directory.write("", to: "a")
        #expect(unsafe truncate(directory.file("a"), 1 << 40) == 0)
        #expect(throws: SystemError("read", directory.file("a"), errno: EFBIG)) {
            try FileBytes.read(directory.file("a"), limit: 1 << 26)
        }
    }

    @Test("a FIFO, a device and a directory are refused without waiting", .timeLimit(.minutes(1)))
    func special() throws {
        let fifo = directory.file("fifo")
        #expect(unsafe mkfifo(fifo, 0o600) == 0)
        #expect(throws: SystemError("read the FIFO", fifo, errno: ENOTSUP)) { try FileBytes.read(fifo, limit: 10) }
        #expect(throws: SystemError("read the device", "/dev/zero", errno: ENOTSUP)) {
            try FileBytes.read("/dev/zero", limit: 10)
        }
        #expect(throws: SystemError("read", directory.path, errno: EISDIR)) {
            try FileBytes.read(directory.path, limit: 10)
        }
    }

    @Test("a missing file is an error with the kernel's reason")
    func missing() {
        let path = directory.file("none")
        #expect(throws: SystemError("read", path, errno: ENOENT)) { try FileBytes.read(path, limit: 10) }
        #expect(SystemError("read", "/x", errno: ENOENT).description == "cannot read /x: No such file or directory")
    }

    @Test("a descriptor is closed when its value dies")
    func closes() throws {
        var ends: [CInt] = [-1, -1]
        #expect(unsafe pipe(&ends) == 0)
        let reader = Descriptor(owning: ends[0])
        #expect(fcntl(reader.number, F_SETFL, O_NONBLOCK) == 0)
        do {
            let writer = Descriptor(owning: ends[1])
            try writer.write([65], to: "the pipe")
            // One byte, then nothing to read, but no end either.
            #expect(try reader.read(upTo: 1, from: "the pipe") == [65])
            do {
                _ = try reader.read(upTo: 1, from: "the pipe")
                Issue.record("the pipe has ended")
            } catch {
                #expect(error == SystemError("read", "the pipe", errno: EAGAIN))
            }
        }
        #expect(try reader.read(upTo: 10, from: "the pipe") == [])
    }

    @Test("a program that is executed does not inherit a descriptor")
    func closeOnExec() throws {
        let file = try Descriptor(opening: "/dev/null", O_RDONLY)
        #expect(fcntl(file.number, F_GETFD) == FD_CLOEXEC)
    }
}
