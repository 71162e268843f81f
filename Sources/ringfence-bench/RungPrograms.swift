// SPDX-License-Identifier: Apache-2.0
import CBench
import Detection
import Events
import Glibc
import Platform
import Sensor

/// The programs of one rung, loaded and not attached, so that attaching takes no verifier.
struct RungPrograms {
    /// Attached as long as it lives.
    struct Attachment: ~Copyable {
        fileprivate let enter: Descriptor
        fileprivate let exit: Descriptor?
    }

    /// The program on sys_enter.
    let enter: LoadedProgram
    private let exit: LoadedProgram?

    /// The programs that a sensor of this kind puts on every call; nil for rungs that have none. The sensor itself goes
    /// again with its other hooks, which no measured call runs through: the programs keep their maps. The process that
    /// makes this has to be in the cgroup, and is older than the capture: a workload task.
    init?(_ rung: Rung, cgroup: UInt64) throws(BenchmarkError) {
        var configuration = SensorConfiguration(scope: .cgroup(id: cgroup))
        switch rung {
        case .nothing, .bpftrace, .strace: return nil
        case .empty:
            // SAFETY: the name is a string that outlives the call.
            enter = try LoadedProgram(unsafe rf_bench_load_empty("sys_enter"), step: "load an empty program")
            exit = nil
            return
        case .learning: break
        case .monitored: configuration.policies = 8
        case .counting: configuration.countPages = 1024
        case .denials: configuration.watchesDenials = true
        case .everything: configuration.scope = .everything
        }
        let sensor: Sensor
        do { sensor = try Sensor(configuration) } catch { throw .unavailable(error.description) }
        guard !sensor.isFallback else { throw .unavailable("only the fallback program can be loaded here") }
        // SAFETY: the names are strings that outlive the calls.
        enter = try LoadedProgram(unsafe rf_bench_find_program("rf_sys_enter"), step: "find the program on sys_enter")
        exit =
            rung == .denials
            ? try LoadedProgram(unsafe rf_bench_find_program("rf_sys_exit"), step: "find the program on sys_exit") : nil
        try Self.check(sensor, cgroup: cgroup)
        if rung == .monitored { try Self.judge(sensor, cgroup: cgroup) }
    }

    /// That the programs learn what is measured, as the workload of the cgroup: a program that takes an earlier way out
    /// would look cheap. Every call is known from here on.
    private static func check(_ sensor: Sensor, cgroup: UInt64) throws(BenchmarkError) {
        for workload in Workload.allCases { _ = try workload.time(batches: 1) }
        let slots = Set(sensor.slots.filter { $0.cgroupID == cgroup }.map(\.index))
        let calls = sensor.subs.filter { slots.contains($0.slot) }.compactMap { $0.calls[.workload]?[.native] }
        let table = SyscallTable.table(.native)
        for name in ["getppid", "read", "openat", "close"] {
            guard let number = table.number(name), calls.contains(where: { $0.contains(number) }) else {
                throw .unavailable("\(name) was called and not learnt: what was to be measured does not run")
            }
        }
    }

    /// Gives the cgroup a table that allows everything but one call that it never makes, and sees that it is judged by it:
    /// that call is counted, the workload is not.
    private static func judge(_ sensor: Sensor, cgroup: UInt64) throws(BenchmarkError) {
        guard let slot = sensor.slots.first(where: { $0.cgroupID == cgroup }) else {
            throw .unavailable("the measured cgroup has no slot")
        }
        let table = SyscallTable.table(.native)
        guard let forbidden = table.number("getpgid") else { throw .unavailable("there is no getpgid here") }
        var bits = PolicyBits.everything
        bits.set([forbidden], of: .native, session: false, allowed: false)
        let isFilled: Bool? = sensor.withPolicies { tables in
            guard let base = tables.baseAddress else { return false }
            // SAFETY: the tables are mapped as long as the sensor lives; nobody has the one that is filled.
            unsafe PolicyTables(base, count: tables.count).fill(1, with: bits, serial: 1, profile: 1)
            return true
        }
        guard isFilled == true else { throw .unavailable("the sensor has no tables of policies") }
        sensor.publish(policy: 1, toSlot: slot.index)
        for workload in Workload.allCases { _ = try workload.time(batches: 1) }
        let known = Set(["getppid", "read", "openat", "close"].compactMap { table.number($0) })
        guard !sensor.deviations().contains(where: { known.contains($0.number) }) else {
            throw .unavailable("the workload is not allowed by its own policy")
        }
        let before = sensor.deviations().count
        _ = getpgid(0)
        guard sensor.deviations().count > before else { throw .unavailable("a call beyond the policy was not told") }
        // An executable that deviates has each call looked at: the one measured does not.
        for sub in sensor.subs where sub.slot == slot.index { sensor.markDeviant(sub: sub.index, false) }
    }

    /// Attaches them.
    func attach() throws(BenchmarkError) -> Attachment {
        let first = try enter.attach()
        return Attachment(enter: first, exit: try exit?.attach())
    }
}
