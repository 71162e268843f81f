// SPDX-License-Identifier: Apache-2.0
import CBench
import Events
import Platform
import Sensor

/// What one block of the network's measurements made: every batch, in nanoseconds an iteration.
struct NetworkSamples: BlockMeasurement {
    static let verb = "network-block"

    private var batches: [String: [String: [Double]]] = [:]
    /// Nanoseconds a run of the programs that see every packet, for a datagram that is none of DNS: by program, one a visit.
    private(set) var runs: [String: [Double]] = [:]
    /// What could not be measured, and why.
    var missing: [String] = []

    mutating func add(_ times: [Double], _ rung: NetworkRung, _ load: NetworkLoad) {
        batches[rung.rawValue, default: [:]][load.rawValue, default: []] += times
    }

    /// The undisturbed cost of an iteration, as in `BlockSamples`.
    func cost(_ rung: NetworkRung, _ load: NetworkLoad) -> Double? {
        batches[rung.rawValue]?[load.rawValue]?.quantile(0.1)
    }

    /// Made by one process that lives in the measured cgroup: all rungs are visited in turn, in a random order.
    static func measure(cgroup: UInt64) throws(BenchmarkError) -> NetworkSamples {
        var samples = NetworkSamples()
        try pin(true)
        for _ in 0..<4 {
            for rung in NetworkRung.interleaved.shuffled() {
                let sensor = try rung.sensor(cgroup: cgroup)
                try samples.visit(rung, batches: 12)
                if rung == .names, let sensor { try Self.check(sensor, cgroup: cgroup) }
                withExtendedLifetime(sensor) {}
            }
        }
        try samples.keepStatistics(cgroup: cgroup)
        guard Rung.bpftrace.isInstalled else { return samples }
        do {
            try pin(false)
            let peer = try BPFTrace()
            try pin(true)
            try samples.visit(.bpftrace, batches: 48)
            try peer.end()
        } catch { samples.missing.append("bpftrace: \(error.description)") }
        return samples
    }

    /// The programs that see every packet of the host.
    static let packetPrograms = ["rf_sendmsg4", "rf_dns_query", "rf_dns_answer"]

    /// The run time that the kernel itself keeps: two reads of the clock are in it.
    private mutating func keepStatistics(cgroup: UInt64) throws(BenchmarkError) {
        let number = rf_bench_enable_statistics()
        guard number >= 0 else {
            missing.append("the kernel's own statistics: \(SystemError.message(-number))")
            return
        }
        let keeping = Descriptor(owning: number)
        let sensor = try NetworkRung.names.sensor(cgroup: cgroup)
        for name in Self.packetPrograms {
            // SAFETY: the name is a string that outlives the call.
            let program = try LoadedProgram(unsafe rf_bench_find_program(name), step: "find \(name)")
            for _ in 0..<12 {
                let before = try program.statistics()
                _ = try NetworkLoad.send.time(batches: 1)
                let after = try program.statistics()
                guard after.runs > before.runs else { continue }
                runs[name, default: []].append(
                    Double(after.nanoseconds - before.nanoseconds) / Double(after.runs - before.runs))
            }
        }
        withExtendedLifetime(sensor) {}
        withExtendedLifetime(keeping) {}
    }

    private mutating func visit(_ rung: NetworkRung, batches: Int) throws(BenchmarkError) {
        Child.pause()
        for load in NetworkLoad.allCases { add(try load.time(batches: batches), rung, load) }
    }

    private static func pin(_ isPinned: Bool) throws(BenchmarkError) {
        let failure = rf_bench_pin(isPinned ? 1 : 0)
        guard failure == 0 else { throw .unavailable("cannot choose a processor: \(SystemError.message(failure))") }
    }

    /// That what was to be measured was done: peers of each kind, and messages.
    private static func check(_ sensor: Sensor, cgroup: UInt64) throws(BenchmarkError) {
        guard let slot = sensor.slots.first(where: { $0.cgroupID == cgroup }), slot.peers >= 3,
            let account = slot.accounts[.dns], account.produced > 4000, account.isBalanced
        else { throw .unavailable("the measured cgroup was not watched") }
    }
}
