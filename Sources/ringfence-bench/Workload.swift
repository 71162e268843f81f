// SPDX-License-Identifier: Apache-2.0
import CBench

/// The calls that are timed.
enum Workload: String, CaseIterable, Encodable {
    case getppid
    case read
    case openClose = "open+close"

    /// How the C loop knows it.
    var code: Int32 {
        switch self {
        case .getppid: RF_BENCH_GETPPID
        case .read: RF_BENCH_READ
        case .openClose: RF_BENCH_OPEN_CLOSE
        }
    }

    /// Iterations of one batch. A tracer that stops the process at each call gets fewer.
    func iterations(traced: Bool) -> UInt64 {
        switch self {
        case .getppid, .read: traced ? 10 : 1_000
        case .openClose: traced ? 5 : 150
        }
    }

    /// Times it in this process, nanoseconds an iteration.
    func time(iterations: UInt64) throws(BenchmarkError) -> Double {
        var nanoseconds = 0.0
        // SAFETY: the result is a local that outlives the call.
        let failure = unsafe rf_bench_loop(code, iterations, &nanoseconds)
        guard failure == 0 else { throw .unavailable("the workload \(rawValue) failed with errno \(failure)") }
        return nanoseconds
    }
}
