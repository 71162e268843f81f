// SPDX-License-Identifier: Apache-2.0
import CBench
import Events
import Glibc
import Platform
import Sensor

/// What one execution costs, plain and watched, in turn: a process is made, executes a small program, ends, and is waited
/// for. All hooks of the daemon that such a process runs through are attached, those of its calls included.
enum Executions {
    private static let program = "/bin/true"
    /// Executions of a sample, and samples of each kind in a pair.
    private static let batch: UInt32 = 100
    private static let samples = 8

    static func measure(pairs: Int) throws(BenchmarkError) -> ExecutionResult {
        var missing: [String] = []
        var times: [ExecutionResult.Kind: [Double]] = [:]
        var hooks: [ExecutionResult.Hooks] = []
        _ = try sample()
        for _ in 0..<pairs {
            times[.plain, default: []].append(try undisturbed())
            let watched = try watched()
            times[.watched, default: []].append(watched.time)
            if let own = watched.hooks { hooks.append(own) }
        }
        for peer in [ExecutionResult.Kind.bpftrace, .strace] {
            do {
                let few = min(pairs, 3)
                times[peer] = peer == .strace ? try traced(few) : try counted(few)
            } catch { missing.append("\(peer.rawValue): \(error.description)") }
        }
        return ExecutionResult(times: times, hooks: hooks, missing: missing)
    }

    /// Microseconds of one execution, the fastest sample of several: the rest of the machine only adds to it.
    private static func undisturbed() throws(BenchmarkError) -> Double {
        var best = Double.infinity
        for _ in 0..<samples { best = min(best, try sample()) }
        return best
    }

    /// Microseconds of one execution, the mean of a batch.
    static func sample() throws(BenchmarkError) -> Double {
        var nanoseconds = 0.0
        // SAFETY: the path is bridged for the call, the number is a local.
        let failure = unsafe rf_bench_executions(program, batch, &nanoseconds)
        guard failure == 0 else { throw .unavailable("cannot execute \(program): \(SystemError.message(failure))") }
        return nanoseconds / 1000
    }

    /// As in a container whose profile knows the program: it is expected, and so is who executes it.
    private static func watched() throws(BenchmarkError) -> (time: Double, hooks: ExecutionResult.Hooks?) {
        var configuration = SensorConfiguration(scope: .everything)
        configuration.policies = 8
        let sensor: Sensor
        do { sensor = try Sensor(configuration) } catch { throw .unavailable(error.description) }
        // What loading has left to do in the kernel is done by then.
        Child.pause(milliseconds: 500)
        _ = try sample()
        for sub in sensor.subs { sensor.expect(sub: sub.index, true) }
        let before = sensor.edges().reduce(0) { $0 + $1.count }
        let time = try undisturbed()
        let seen = sensor.edges().reduce(0) { $0 + $1.count } - before
        guard seen >= UInt64(batch) * UInt64(samples) else {
            throw .unavailable("\(seen) executions were seen: what was to be measured does not run")
        }
        return (time, try ownTime(sensor))
    }

    /// What the hooks themselves take of one execution, by the run time that the kernel keeps of each program, in
    /// microseconds: what else the machine does is not in it, two clock reads a run are. Nil if it keeps none.
    private static func ownTime(_ sensor: Sensor) throws(BenchmarkError) -> ExecutionResult.Hooks? {
        let number = rf_bench_enable_statistics()
        guard number >= 0 else { return nil }
        let keeping = Descriptor(owning: number)
        defer { withExtendedLifetime(keeping) {} }
        let names = ["rf_fork", "rf_exec", "rf_exit", "rf_sys_enter"]
        var programs: [LoadedProgram] = []
        for name in names {
            // SAFETY: the name is bridged for the call.
            programs.append(try LoadedProgram(unsafe rf_bench_find_program(name), step: "find \(name)"))
        }
        let before = try programs.map { program throws(BenchmarkError) in try program.statistics() }
        // In a cgroup of its own, so that the calls of one execution can be counted.
        let cgroup = try BenchmarkCgroup()
        let pipe = try OutputPipe()
        let child = try Child(
            [Child.ownProgram, "executions", String(pipe.writing)], cgroup: cgroup.processesFile)
        _ = try pipe.text()
        guard try child.end() == 0, let slot = sensor.slots.first(where: { $0.cgroupID == cgroup.id }), slot.execs > 1
        else { return nil }
        let after = try programs.map { program throws(BenchmarkError) in try program.statistics() }
        let perRun = zip(before, after).map { old, new in
            new.runs > old.runs ? Double(new.nanoseconds - old.nanoseconds) / Double(new.runs - old.runs) : 0
        }
        let callsEach = Double(slot.calls) / Double(slot.execs)
        return ExecutionResult.Hooks((perRun[0] + perRun[1] + perRun[2]) / 1000, perRun[3] * callsEach / 1000)
    }

    private static func counted(_ rounds: Int) throws(BenchmarkError) -> [Double] {
        guard Rung.bpftrace.isInstalled else { throw .unavailable("it is not installed") }
        var times: [Double] = []
        for _ in 0..<rounds {
            let peer = try BPFTrace()
            times.append(try undisturbed())
            try peer.end()
        }
        return times
    }

    private static func traced(_ rounds: Int) throws(BenchmarkError) -> [Double] {
        guard Rung.strace.isInstalled else { throw .unavailable("it is not installed") }
        var times: [Double] = []
        for _ in 0..<rounds {
            let pipe = try OutputPipe()
            let child = try Child(Rung.strace.prefix + [Child.ownProgram, "executions", String(pipe.writing)])
            let text = try pipe.text()
            guard try child.end() == 0, let time = Double(text) else { throw .unavailable("it said '\(text)'") }
            times.append(time)
        }
        return times
    }
}
