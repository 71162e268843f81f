// SPDX-License-Identifier: Apache-2.0

/// What a daemon needs that monitors many containers, and how soon it tells of a deviation.
struct DaemonFleet: Encodable {
    static let containers = 100

    /// From the first container to the last profile that is ready, seconds.
    let learnedAfter: Double
    let memory: ProcessReading.Memory
    let maps: [KernelMap]
    /// Shares of a core in each second while all are monitored, percent.
    let load: [Double]
    let latency: AlertLatency
    let targets: [Target]

    static func measure(_ programs: DaemonPrograms, samples: Int) throws(BenchmarkError) -> DaemonFleet {
        let scratch = try Scratch()
        let teacher = try RunningDaemon(programs.ringfenced, in: scratch.path, .hasty)
        let start = ContinuousClock.now
        var fleet: [ContainerCgroup] = []
        for _ in 0..<containers {
            let container = try ContainerCgroup()
            try container.start([Child.ownProgram, "worker"])
            fleet.append(container)
        }
        let busy = try ContainerCgroup()
        try scratch.write("", to: "made")
        try busy.start([Child.ownProgram, "pace", String(AlertLatency.rate), scratch.path + "/made"])
        try teacher.waitUntilMonitored(fleet.map(\.id) + [busy.id], seconds: 120)
        let learned = start.duration(to: .now)
        try teacher.end()
        // With epochs of the usual length. The busy container is not traced yet.
        let daemon = try RunningDaemon(programs.ringfenced, in: scratch.path, .calm)
        Child.pause(milliseconds: 4000)
        let reading = ProcessReading(of: daemon.pid)
        let load = try reading.load(samples: 12, interval: 1000)
        let memory = try reading.memory()
        let maps = KernelMap.all(pinnedIn: RunningDaemon.pins)
        let latency = try AlertLatency.measure(
            daemon, fleet, busy: busy, counter: scratch.path + "/made", scratch: scratch.path, programs,
            samples: samples)
        try daemon.end()
        return DaemonFleet(
            learnedAfter: Double(learned.components.seconds), memory: memory, maps: maps, load: load, latency: latency)
    }

    private init(
        learnedAfter: Double, memory: ProcessReading.Memory, maps: [KernelMap], load: [Double], latency: AlertLatency
    ) {
        self.learnedAfter = learnedAfter
        self.memory = memory
        self.maps = maps
        self.load = load
        self.latency = latency
        let kernel = Double(maps.reduce(0) { $0 + $1.bytes }) / 1e6
        targets =
            [
                Target(
                    "\(Self.containers) monitored: own memory", Estimate(exactly: memory.own), atMost: 60, unit: "MB"),
                Target("kernel maps", maps.isEmpty ? nil : Estimate(exactly: kernel), atMost: 64, unit: "MB"),
            ] + latency.targets
    }

    var lines: [String] {
        let busiest = Estimate(meanOf: load)?.text(digits: 2) ?? "?"
        var lines = [
            "\(Self.containers) containers, monitored \(Text.number(learnedAfter, digits: 0)) s after the first one:",
            "  " + Text.left("of a core, while they do a little each second", 58) + Text.right(busiest, 24) + " %",
            "  " + Text.left("resident, of it anonymous", 58)
                + Text.right(Text.number(memory.own, digits: 1) + ", " + Text.number(memory.anonymous, digits: 1), 24)
                + " MB",
            "  " + Text.left("resident parts of kernel maps besides", 58)
                + Text.right(Text.number(memory.maps, digits: 1), 24) + " MB",
        ]
        lines += maps.map { map in
            "    " + Text.left(map.name, 56) + Text.right(Text.number(Double(map.bytes) / 1e6, digits: 3), 24) + " MB"
        }
        return lines + latency.lines + Target.lines(targets)
    }
}
