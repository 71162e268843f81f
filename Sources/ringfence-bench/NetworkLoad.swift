// SPDX-License-Identifier: Apache-2.0
import CBench

/// What is timed for the network's sake, on loopback, so that a packet passes the hooks of both directions.
enum NetworkLoad: String, CaseIterable, Codable {
    /// A datagram, sent and received.
    case send
    /// A socket that is made, connected (and refused), and closed.
    case connect
    /// A datagram that is a query, to port 53, sent and received.
    case query

    var title: String {
        switch self {
        case .send: "UDP send+receive"
        case .connect: "TCP connect"
        case .query: "DNS query"
        }
    }

    private var code: Int32 {
        switch self {
        case .send: RF_BENCH_SEND
        case .connect: RF_BENCH_CONNECT
        case .query: RF_BENCH_QUERY
        }
    }

    /// Times it in this process: nanoseconds an iteration, one a batch, after a batch that is not timed.
    func time(batches: Int, traced: Bool = false) throws(BenchmarkError) -> [Double] {
        var times = [Double](repeating: 0, count: batches)
        // SAFETY: as many results are written as the array has elements; it outlives the call.
        let failure = unsafe times.withUnsafeMutableBufferPointer { buffer in
            unsafe rf_bench_network(code, traced ? 5 : 400, UInt32(buffer.count), buffer.baseAddress)
        }
        guard failure == 0 else { throw .unavailable("the workload \(rawValue) failed with errno \(failure)") }
        return times
    }
}
