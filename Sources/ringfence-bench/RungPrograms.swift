// SPDX-License-Identifier: Apache-2.0
import CBench
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
    init?(_ rung: Rung, cgroup: UInt64, level: UInt32) throws(BenchmarkError) {
        var configuration = SensorConfiguration(scope: .cgroup(id: cgroup, level: level))
        switch rung {
        case .nothing, .bpftrace, .strace: return nil
        case .empty:
            // SAFETY: the name is a string that outlives the call.
            enter = try LoadedProgram(unsafe rf_bench_load_empty("sys_enter"), step: "load an empty program")
            exit = nil
            return
        case .learning: break
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
        withExtendedLifetime(sensor) {}
    }

    /// Attaches them.
    func attach() throws(BenchmarkError) -> Attachment {
        let first = try enter.attach()
        return Attachment(enter: first, exit: try exit?.attach())
    }
}
