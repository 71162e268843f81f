// SPDX-License-Identifier: Apache-2.0
import CBench
import Events
import Glibc
import Platform
import Sensor

/// What watches while one rung is measured. `end` detaches it.
enum Watcher: ~Copyable {
    case nothing
    case empty(Descriptor)
    case sensor(Sensor)
    case bpftrace(Child)

    init(_ rung: Rung, cgroup: borrowing BenchmarkCgroup) throws(BenchmarkError) {
        var configuration = SensorConfiguration(scope: .cgroup(id: cgroup.id))
        switch rung {
        case .nothing, .strace:
            self = .nothing
            return
        case .empty:
            // SAFETY: the name is a string that outlives the call.
            let link = unsafe rf_bench_attach_empty("sys_enter")
            guard link >= 0 else {
                throw .unavailable("cannot attach an empty program: \(SystemError.message(-link)); run as root")
            }
            self = .empty(Descriptor(owning: link))
            return
        case .bpftrace:
            self = .bpftrace(try Self.bpftrace())
            return
        case .learning: break
        case .counting: configuration.countPages = 1024
        case .denials: configuration.watchesDenials = true
        case .everything: configuration.scope = .everything
        }
        do { self = .sensor(try Sensor(configuration)) } catch { throw .unavailable(error.description) }
    }

    /// bpftrace is killed, so that what it prints at its end costs the next rung nothing.
    consuming func end() throws(BenchmarkError) {
        if case .bpftrace(let child) = consume self { try child.stop(SIGKILL) }
    }

    /// Started in a mount namespace of its own, since tracefs may not be mounted here. It is attached when it waits for
    /// events.
    private static func bpftrace() throws(BenchmarkError) -> Child {
        let script = """
            [ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
            [ -d /sys/kernel/debug/tracing ] || mount -t debugfs debugfs /sys/kernel/debug
            exec bpftrace -e 'tracepoint:raw_syscalls:sys_enter { @[cgroup, args->id] = count(); }' >/dev/null
            """
        let child = try Child(["unshare", "-m", "sh", "-c", "exec 2>/dev/null\n" + script])
        let table = SyscallTable.table(.native)
        let waits = ["epoll_wait", "epoll_pwait"].compactMap { table.number($0) }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(30)
        while clock.now < deadline {
            if let call = child.blockedCall, waits.contains(call) { return child }
            Child.pause()
        }
        _ = try? child.stop(SIGKILL)
        throw .unavailable("bpftrace did not attach within 30 s")
    }
}
