// SPDX-License-Identifier: Apache-2.0
import CBench
import Platform

/// One tp_btf program in the kernel, not attached. Given up when it dies.
final class LoadedProgram {
    private let program: Descriptor

    /// Takes over what `rf_bench_load_empty` or `rf_bench_find_program` returned.
    init(_ result: CInt, step: String) throws(BenchmarkError) {
        guard result >= 0 else { throw .unavailable("cannot \(step): \(SystemError.message(-result)); run as root") }
        program = Descriptor(owning: result)
    }

    /// Attaches it until the descriptor is closed. Returns when the kernel has patched the tracepoint's keys.
    func attach() throws(BenchmarkError) -> Descriptor {
        let link = rf_bench_attach(program.number)
        guard link >= 0 else { throw .unavailable("cannot attach a program: \(SystemError.message(-link))") }
        return Descriptor(owning: link)
    }

    /// Nanoseconds that it has run, and how often, while statistics were kept.
    func statistics() throws(BenchmarkError) -> (nanoseconds: UInt64, runs: UInt64) {
        var nanoseconds: UInt64 = 0
        var runs: UInt64 = 0
        // SAFETY: both results are locals that outlive the call.
        let failure = unsafe rf_bench_statistics(program.number, &nanoseconds, &runs)
        guard failure == 0 else { throw .unavailable("cannot read statistics: \(SystemError.message(failure))") }
        return (nanoseconds, runs)
    }
}
