// SPDX-License-Identifier: Apache-2.0
import CBench
import Glibc
import Platform

/// What one child writes to a descriptor that it inherits.
struct OutputPipe: ~Copyable {
    private let reading: Descriptor
    /// The writing end, inherited by the next child; closed by `text`.
    let writing: CInt

    init() throws(BenchmarkError) {
        var ends: [CInt] = [-1, -1]
        // SAFETY: two descriptors are written into an array of two.
        guard unsafe rf_bench_pipe(&ends) == 0 else { throw .unavailable("cannot make a pipe") }
        reading = Descriptor(owning: ends[0])
        writing = ends[1]
    }

    /// Everything that was written, when the last writer has closed it. Once.
    consuming func text() throws(BenchmarkError) -> String {
        _ = close(writing)
        do {
            return String(decoding: try reading.read(upTo: 1 << 16, from: "the child"), as: UTF8.self)
        } catch { throw .unavailable(error.description) }
    }
}
