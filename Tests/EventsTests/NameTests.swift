// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Testing

@Suite("Names of numbers")
struct NameTests {
    @Test("io_uring operations are numbered as the kernel does")
    func ioUring() {
        #expect(IOUringOperation.name(0) == "IORING_OP_NOP")
        #expect(IOUringOperation.name(18) == "IORING_OP_OPENAT")
        #expect(IOUringOperation.name(46) == "IORING_OP_URING_CMD")
        #expect(IOUringOperation.name(62) == "IORING_OP_PIPE")
        for opcode in 0...62 {
            #expect(IOUringOperation.name(opcode).hasPrefix("IORING_OP_"))
            #expect(IOUringOperation.opcode(IOUringOperation.name(opcode)) == opcode)
        }
        #expect(IOUringOperation.name(200) == "#200" && IOUringOperation.opcode("#200") == 200)
    }

    @Test("socket families have the C library's numbers")
    func families() {
        #expect(SocketFamily.name(Int(AF_UNIX)) == "AF_UNIX")
        #expect(SocketFamily.name(Int(AF_INET)) == "AF_INET")
        #expect(SocketFamily.name(Int(AF_INET6)) == "AF_INET6")
        #expect(SocketFamily.name(Int(AF_NETLINK)) == "AF_NETLINK")
        #expect(SocketFamily.name(Int(AF_PACKET)) == "AF_PACKET")
        #expect(SocketFamily.name(Int(AF_ALG)) == "AF_ALG")
        #expect(SocketFamily.name(Int(AF_VSOCK)) == "AF_VSOCK")
        for family in 0...45 {
            #expect(SocketFamily.name(family).hasPrefix("AF_"), "\(family)")
            #expect(SocketFamily.number(SocketFamily.name(family)) == family)
        }
        #expect(SocketFamily.name(46) == "#46")
    }

    @Test("clone flags come apart into names, with the signal last")
    func cloneFlags() {
        #expect(CloneFlags.names(0) == [])
        #expect(CloneFlags.names(17) == ["SIGCHLD"])
        #expect(CloneFlags.names(0x0120_0011) == ["CLONE_CHILD_CLEARTID", "CLONE_CHILD_SETTID", "SIGCHLD"])
        #expect(CloneFlags.names(0x1002_0000) == ["CLONE_NEWNS", "CLONE_NEWUSER"])
        #expect(CloneFlags.names(0x80) == ["CLONE_NEWTIME"])
        #expect(CloneFlags.names(1 << 33) == ["CLONE_INTO_CGROUP"])
        #expect(CloneFlags.names(1 << 60) == ["0x1000000000000000"])
        #expect(CloneFlags.names(UInt64.max).count == 58)
    }

    @Test("errors and signals have the C library's numbers")
    func errorsAndSignals() {
        #expect(ErrnoName.name(Int(EPERM)) == "EPERM")
        #expect(ErrnoName.name(Int(ENOSYS)) == "ENOSYS")
        #expect(ErrnoName.name(Int(EAGAIN)) == "EAGAIN")
        #expect(ErrnoName.name(Int(ELOOP)) == "ELOOP")
        #expect(ErrnoName.name(Int(ETIMEDOUT)) == "ETIMEDOUT")
        #expect(ErrnoName.name(Int(EHWPOISON)) == "EHWPOISON")
        #expect(ErrnoName.number("EACCES") == Int(EACCES) && ErrnoName.number("#4095") == 4095)
        #expect(ErrnoName.name(0) == "#0" && ErrnoName.name(41) == "#41")
        #expect(SignalName.name(Int(SIGKILL)) == "SIGKILL" && SignalName.name(Int(SIGSYS)) == "SIGSYS")
        #expect(SignalName.name(34) == "SIGRT_2" && SignalName.name(64) == "SIGRT_32" && SignalName.name(65) == "#65")
    }
}
