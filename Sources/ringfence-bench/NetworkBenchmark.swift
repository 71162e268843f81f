// SPDX-License-Identifier: Apache-2.0

/// What watching the network costs a packet and a connection.
struct NetworkBenchmark: Encodable {
    struct Cell: Encodable {
        let rung: NetworkRung
        let load: NetworkLoad
        /// Nanoseconds.
        let median: Double
        /// More than with nothing attached in the same block.
        let added: Estimate
        /// Times what it costs with nothing attached in the same block.
        let ratio: Estimate
    }

    let cells: [Cell]
    /// What the kernel's statistics say of the programs that see every packet, nanoseconds a datagram that is none of DNS, two
    /// clock reads included.
    let packets: [String: Estimate]
    let targets: [Target]
    let missing: [String]
    let blocks: Int

    static func measure(rounds: Int) throws(BenchmarkError) -> NetworkBenchmark {
        let cgroup = try BenchmarkCgroup()
        var blocks: [NetworkSamples] = []
        var missing = [Rung.bpftrace, .strace].filter { !$0.isInstalled }.map { "\($0.rawValue) is not installed" }
        for _ in 0..<rounds {
            var block: NetworkSamples = try cgroup.block()
            if Rung.strace.isInstalled {
                for load in NetworkLoad.allCases {
                    block.add([try cgroup.time(load, under: Rung.strace.prefix)], .strace, load)
                }
            }
            missing += block.missing.filter { !missing.contains($0) }
            blocks.append(block)
        }
        return NetworkBenchmark(blocks, missing)
    }

    private init(_ blocks: [NetworkSamples], _ missing: [String]) {
        self.missing = missing
        self.blocks = blocks.count
        func beyond(_ rung: NetworkRung, _ base: NetworkRung, _ load: NetworkLoad) -> Estimate? {
            Estimate(blocks: blocks.count) { draw in
                draw.compactMap { index in
                    guard let more = blocks[index].cost(rung, load), let less = blocks[index].cost(base, load) else {
                        return nil
                    }
                    return more - less
                }.median
            }
        }
        cells = NetworkRung.allCases.flatMap { rung in
            NetworkLoad.allCases.compactMap { load in
                let ratio = Estimate(blocks: blocks.count) { draw in
                    draw.compactMap { index in
                        guard let ours = blocks[index].cost(rung, load), let plain = blocks[index].cost(.nothing, load)
                        else { return nil }
                        return ours / plain
                    }.median
                }
                guard let median = blocks.compactMap({ $0.cost(rung, load) }).median,
                    let added = beyond(rung, .nothing, load), let ratio
                else { return nil }
                return Cell(rung: rung, load: load, median: median, added: added, ratio: ratio)
            }
        }
        packets = NetworkSamples.packetPrograms.reduce(into: [:]) { all, name in
            all[name] = Estimate(medianOf: blocks.compactMap { $0.runs[name]?.quantile(0.1) })
        }
        targets = [
            Target("connect, all on, added", beyond(.names, .nothing, .connect), atMost: 2000, unit: "ns"),
            Target("UDP send, all on, added", beyond(.names, .nothing, .send), atMost: 500, unit: "ns"),
            Target("UDP send, names beyond addresses", beyond(.names, .addresses, .send), atMost: 500, unit: "ns"),
        ]
    }

    /// For people.
    var lines: [String] {
        var lines = [
            "Network on loopback, nanoseconds (added; times what it costs with nothing attached), \(blocks) blocks; "
                + "intervals of 95 %:"
        ]
        lines.append("  " + Text.left("", 38) + NetworkLoad.allCases.map { Text.right($0.title, 27) }.joined())
        for rung in NetworkRung.allCases {
            let row = NetworkLoad.allCases.compactMap { load in cells.first { $0.rung == rung && $0.load == load } }
            guard !row.isEmpty else { continue }
            lines.append("  " + Text.left(rung.title, 38) + row.map { Text.right(Self.text(of: $0), 27) }.joined())
        }
        lines.append("  by the kernel's statistics, nanoseconds a datagram not of DNS (two clock reads in it):")
        for (name, estimate) in packets.sorted(by: { $0.key < $1.key }) {
            lines.append("  " + Text.left("  " + name, 46) + Text.right(estimate.text(digits: 0), 24))
        }
        return lines + missing.map { "  not measured: \($0)" } + Target.lines(targets)
    }

    private static func text(of cell: Cell) -> String {
        let median = Text.number(cell.median, digits: 0)
        guard cell.rung != .nothing else { return median }
        return "\(median) (+\(Text.number(cell.added.value, digits: 0)); \(Text.number(cell.ratio.value, digits: 2)) x)"
    }
}
