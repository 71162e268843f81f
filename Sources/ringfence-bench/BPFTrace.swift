// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc

/// bpftrace counting every call of the machine by cgroup and number.
struct BPFTrace {
    private let process: Child

    /// Started in a mount namespace of its own, since tracefs may not be mounted here. It is attached when it waits for
    /// events.
    init() throws(BenchmarkError) {
        let script = """
            [ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
            [ -d /sys/kernel/debug/tracing ] || mount -t debugfs debugfs /sys/kernel/debug
            exec bpftrace -e 'tracepoint:raw_syscalls:sys_enter { @[cgroup, args->id] = count(); }' >/dev/null
            """
        process = try Child(["unshare", "-m", "sh", "-c", "exec 2>/dev/null\n" + script])
        let table = SyscallTable.table(.native)
        let waits = ["epoll_wait", "epoll_pwait"].compactMap { table.number($0) }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(30)
        while clock.now < deadline {
            if let call = process.blockedCall, waits.contains(call) { return }
            Child.pause()
        }
        _ = try? process.stop(SIGKILL)
        throw .unavailable("bpftrace did not attach within 30 s")
    }

    /// Killed, so that what it prints at its end costs the next rung nothing.
    consuming func end() throws(BenchmarkError) { try process.stop(SIGKILL) }
}
