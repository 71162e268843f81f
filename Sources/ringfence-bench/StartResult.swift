// SPDX-License-Identifier: Apache-2.0

/// How long a recording takes to begin, and what memory it needs.
struct StartResult: Encodable {
    /// The sensor made in this process: loaded and attached, milliseconds.
    let sensorMilliseconds: Double
    /// From before `ringfence record` is started to the first instruction of its command's main, milliseconds: later
    /// than attached by the command's own start.
    let commandMilliseconds: Double
    /// Most resident memory of the recorder, the mapped parts of the maps included; nil if it was never seen.
    let peakResidentMegabytes: Double?
    /// Kernel memory of maps with the default sizes.
    let mapMegabytes: Double
    let targets: [Target]

    init(sensor: [Double], command: [Double], peak: Double?, maps: Double) {
        sensorMilliseconds = sensor.median ?? 0
        commandMilliseconds = command.median ?? 0
        peakResidentMegabytes = peak
        mapMegabytes = maps
        targets = [
            Target("start to attached (and the command started)", Estimate(medianOf: command), atMost: 300, unit: "ms"),
            Target("peak memory of the recorder", peak.map(Estimate.init(exactly:)), atMost: 40, unit: "MB"),
        ]
    }

    var lines: [String] {
        [
            "Start of a recording, medians of 10:",
            "  " + Text.left("load and attach alone", 58)
                + Text.right(Text.number(sensorMilliseconds, digits: 2), 9) + " ms",
            "  " + Text.left("maps in the kernel", 58) + Text.right(Text.number(mapMegabytes, digits: 2), 9) + " MB",
        ] + Target.lines(targets)
    }
}
