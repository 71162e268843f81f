// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Seccomp
import Testing

@Suite("Filters in the kernel")
struct LiveFilterTests {
    @Test("the kernel gives the interpreter's answers: unused ENOSYS, dangerous EPERM, argument rules by the low half")
    func live() throws {
        let generated = try SeccompGenerator.generate(
            SampleProfile.make(
                workload: ["getpid", "socket", "close", "clone3"], arguments: SampleProfile.families([1]),
                architecture: .current))
        let filter = try CompiledFilter(generated.oci)
        let table = SyscallTable.table(.native)
        func number(_ name: String) throws -> Int { try #require(table.number(name)) }
        // ptrace with an unknown request, mount and unshare without arguments: harmless even where nothing refuses them.
        let calls: [(number: Int, arguments: [UInt64])] = [
            (try number("getpid"), []), (try number("getrusage"), []), (try number("ptrace"), [9999]),
            (try number("clone3"), []), (600, []), (try number("unshare"), []), (try number("mount"), []),
            (try number("socket"), [0xDEAD_BEEF_0000_0001, 1, 0]), (try number("socket"), [2, 1, 0]),
            (try number("socket"), [17, 3, 0]), (try number("clone"), [0x1000_0000]),
        ]
        let errnos = try filter.tried(calls)
        #expect(errnos == [0, ENOSYS, EPERM, ENOSYS, ENOSYS, EPERM, EPERM, 0, ENOSYS, EPERM, EPERM])
    }

    @Test("a call is judged as the interpreter says, for every number that a child survives trying")
    func everyNumber() throws {
        // Everything but exit is answered with a number of its own: nothing runs, whatever the call.
        let profile = OCISeccompProfile(
            defaultAction: .errno, defaultErrnoRet: 4001, architectures: [],
            syscalls: [
                .init(names: ["exit_group"], action: .allow), .init(names: ["read"], action: .errno, errnoRet: 4002),
                .init(
                    names: ["socket"], action: .errno, errnoRet: 4003,
                    args: [.masked(0, mask: 0xFFFF_FFFF, equals: 2)]),
            ])
        let filter = try CompiledFilter(profile)
        let policy = FilterPolicy(profile)
        let exit = try #require(SyscallTable.table(.native).number("exit_group"))
        // uretprobe and uprobe of x86_64 are never filtered (Linux 6.14, 6.18) and kill who is not their trampoline.
        let untried = [exit] + ["uretprobe", "uprobe"].compactMap { SyscallTable.table(.native).number($0) }
        let calls = (0..<600).filter { !untried.contains($0) }.map { (number: $0, arguments: [UInt64(2) | 7 << 32]) }
        let audit = FilterArchitecture(.native, on: .current)?.auditArchitecture ?? 0
        for (call, errno) in zip(calls, try filter.tried(calls)) {
            let meant = policy.action(
                for: .init(auditArchitecture: audit, number: Int32(call.number), arguments: call.arguments))
            #expect(meant == .errno(UInt16(errno)), "call \(call.number)")
        }
    }
}
