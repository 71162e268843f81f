// SPDX-License-Identifier: Apache-2.0
import Containers
import Sensor

/// One way of having the network watched.
enum NetworkRung: String, CaseIterable, Codable {
    case nothing
    /// Calls, and nothing of the network.
    case calls
    /// Network=yes, ResolveNames=no.
    case addresses
    /// Both.
    case names
    case bpftrace
    case strace

    /// Those that are visited in turn within a block.
    static let interleaved: [NetworkRung] = [.nothing, .calls, .addresses, .names]

    var title: String {
        switch self {
        case .nothing: "nothing attached"
        case .calls: "ringfence, calls alone"
        case .addresses: "ringfence, addresses too"
        case .names: "ringfence, addresses and names"
        case .bpftrace: "bpftrace, count by cgroup and call"
        case .strace: "strace -f -c"
        }
    }

    /// The sensor of a rung, attached as long as it lives; nil where it has none. The process that makes it is in the cgroup.
    func sensor(cgroup: UInt64) throws(BenchmarkError) -> Sensor? {
        guard self == .calls || self == .addresses || self == .names else { return nil }
        var configuration = SensorConfiguration(scope: .cgroup(id: cgroup))
        configuration.slots = 64
        configuration.subslots = 1024
        do {
            if self != .calls { configuration.network = try CgroupHierarchy.detect().directory(of: "/") }
            configuration.names = self == .names
            let sensor = try Sensor(configuration)
            guard self == .calls || sensor.watchesPeers, self != .names || sensor.readsNames else {
                throw BenchmarkError.unavailable("the kernel lacks what \(rawValue) needs")
            }
            return sensor
        } catch let error as BenchmarkError { throw error } catch { throw .unavailable("\(error)") }
    }
}
