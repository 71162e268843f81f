// SPDX-License-Identifier: Apache-2.0

/// What a process does again and again while it is timed: calls, or what uses the network.
protocol TimedLoad: RawRepresentable<String> {
    /// The verb of this program that times one of them under a tracer: `VERB LOAD DESCRIPTOR`.
    static var verb: String { get }

    /// Times it in this process: nanoseconds an iteration, one a batch, after a batch that is not timed. A tracer that
    /// stops the process at each call gets fewer iterations.
    func time(batches: Int, traced: Bool) throws(BenchmarkError) -> [Double]
}

extension TimedLoad {
    /// The same with nobody who stops it.
    func time(batches: Int) throws(BenchmarkError) -> [Double] { try time(batches: batches, traced: false) }
}
