// SPDX-License-Identifier: Apache-2.0
import CBench

/// What is timed for the network's sake, on loopback, so that a packet passes the hooks of both directions.
enum NetworkLoad: String, CaseIterable, Codable, TimedLoad {
    static let verb = "network-loop"

    /// A datagram, sent: on loopback that takes it through to the receiver's queue. Receiving is not timed.
    case send
    /// A socket that is made, connected (and refused), and closed.
    case connect
    /// The same of a query, to port 53.
    case query

    var title: String {
        switch self {
        case .send: "UDP send"
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

    func time(batches: Int, traced: Bool) throws(BenchmarkError) -> [Double] {
        var times = [Double](repeating: 0, count: batches)
        // SAFETY: as many results are written as the array has elements; it outlives the call.
        let failure = unsafe times.withUnsafeMutableBufferPointer { buffer in
            unsafe rf_bench_network(code, traced ? 5 : 400, UInt32(buffer.count), buffer.baseAddress)
        }
        guard failure == 0 else { throw .unavailable("the workload \(rawValue) failed with errno \(failure)") }
        return times
    }
}
