// SPDX-License-Identifier: Apache-2.0
import CBench

/// The calls that are timed.
enum Workload: String, CaseIterable, Encodable, TimedLoad {
    static let verb = "loop"

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

    /// Iterations of one batch: 1 to 3 ms, so that most are interrupted by nobody. A tracer that stops the process at
    /// each call gets fewer.
    func iterations(traced: Bool) -> UInt64 {
        switch self {
        case .getppid, .read: traced ? 10 : 9_000
        case .openClose: traced ? 5 : 1_200
        }
    }

    func time(batches: Int, traced: Bool) throws(BenchmarkError) -> [Double] {
        var times = [Double](repeating: 0, count: batches)
        // SAFETY: as many results are written as the array has elements; it outlives the call.
        let failure = unsafe times.withUnsafeMutableBufferPointer { buffer in
            unsafe rf_bench_batches(code, iterations(traced: traced), UInt32(buffer.count), buffer.baseAddress)
        }
        guard failure == 0 else { throw .unavailable("the workload \(rawValue) failed with errno \(failure)") }
        return times
    }
}
