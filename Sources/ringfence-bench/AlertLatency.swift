// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// From a call that was never learned to the line of its alert, while every call of another container is traced.
struct AlertLatency: Encodable {
    /// Calls a second of the traced container.
    static let rate = 50_000

    /// From the time that the kernel noted at the call to the line being read, milliseconds; the file is looked at about
    /// every 0.15 ms.
    let milliseconds: [Double]
    /// Deviations whose alert did not come within two seconds.
    let missed: Int
    /// Calls that the traced container made in a second.
    let made: Double
    /// Shares of them: given to the client, skipped since the client was slow, and dropped before.
    let delivered: Double
    let skipped: Double
    let dropped: Double
    /// How late this process itself woke from a pause of a millisecond before each sample, milliseconds: what is the
    /// machine's.
    let lateness: [Double]
    /// Share of a core that the daemon used meanwhile, percent.
    let load: Double

    /// The part of an alert that is read.
    private struct Line: Decodable {
        struct Time: Decodable { let bootNanoseconds: UInt64 }
        struct Container: Decodable { let id: String }
        let time: Time
        let container: Container
    }

    static func measure(
        _ daemon: RunningDaemon, _ fleet: [ContainerCgroup], busy: ContainerCgroup, counter: String, scratch: String,
        _ programs: DaemonPrograms, samples: Int
    ) throws(BenchmarkError) -> AlertLatency {
        let script = """
            "$0" trace "$1" --socket "$2" --format json --for 600s 2>"$3/missing" | awk 'END { print NR - 1, $0 }' >"$3/delivered"
            """
        let beginning = count(in: counter)
        let client = try Child(["sh", "-c", script, programs.ringfence, busy.id, daemon.socket, scratch])
        Child.pause(milliseconds: 2000)
        let reading = ProcessReading(of: daemon.pid)
        let start = (time: BootClock.nanoseconds, run: try reading.runTime(), made: count(in: counter))
        var tail = GrowingFile(daemon.alerts)
        _ = tail.lines()
        var times: [Double] = []
        var missed = 0
        var lateness: [Double] = []
        for container in fleet.shuffled().prefix(samples) {
            let before = BootClock.nanoseconds
            Child.pause(milliseconds: 1)
            lateness.append(Double(BootClock.nanoseconds - before) / 1e6 - 1)
            container.signal(SIGUSR1)
            if let time = arrival(of: container.id, in: &tail) { times.append(time) } else { missed += 1 }
            Child.pause(milliseconds: UInt32.random(in: 20...120))
        }
        let end = (time: BootClock.nanoseconds, run: try reading.runTime(), made: count(in: counter))
        // The client ends with what it traces.
        busy.signal(SIGSTOP)
        let all = count(in: counter) - beginning
        busy.end()
        _ = try client.end(seconds: 30)
        let words = text(in: scratch + "/delivered").split(separator: " ", maxSplits: 1)
        let delivered = words.first.flatMap { Double($0) } ?? 0
        let dropped = Double(words.last?.filter(\.isNumber) ?? "") ?? 0
        let seconds = Double(end.time - start.time) / 1e9
        return AlertLatency(
            milliseconds: times, missed: missed, made: Double(end.made - start.made) / seconds,
            delivered: delivered / Double(all), skipped: Double(missing(in: scratch + "/missing")) / Double(all),
            dropped: dropped / Double(all), lateness: lateness,
            load: Double(end.run - start.run) / Double(end.time - start.time) * 100)
    }

    /// Milliseconds between the call and now, when the line is there.
    private static func arrival(of id: String, in tail: inout GrowingFile) -> Double? {
        let deadline = BootClock.nanoseconds + 2_000_000_000
        while BootClock.nanoseconds < deadline {
            let lines = tail.lines()
            let now = BootClock.nanoseconds
            for bytes in lines {
                guard let line = try? JSONDecoder().decode(Line.self, from: Data(bytes)), line.container.id == id
                else { continue }
                return Double(now - min(now, line.time.bootNanoseconds)) / 1e6
            }
            Child.pause(microseconds: 100)
        }
        return nil
    }

    private static func count(in path: String) -> UInt64 {
        let bytes = (try? FileBytes.read(path, limit: 8)) ?? []
        return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func text(in path: String) -> String {
        String(decoding: (try? FileBytes.read(path, limit: 8 << 20)) ?? [], as: UTF8.self)
    }

    /// The sum of "ringfence: N calls are missing here".
    private static func missing(in path: String) -> Int {
        text(in: path).split(separator: "\n").reduce(0) { sum, line in
            sum + (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
        }
    }

    var targets: [Target] {
        func at(_ fraction: Double) -> Estimate? {
            Estimate(blocks: milliseconds.count) { draw in draw.map { milliseconds[$0] }.quantile(fraction) }
        }
        return [
            Target("call to alert line, p50", at(0.5), atMost: 5, unit: "ms"),
            Target("call to alert line, p99", at(0.99), atMost: 100, unit: "ms"),
            Target("deviations without an alert", Estimate(exactly: Double(missed)), atMost: 0, unit: ""),
        ]
    }

    var lines: [String] {
        let shares = [delivered, skipped, dropped].map { Text.number($0 * 100, digits: 1) }.joined(separator: ", ")
        let late = [0.5, 0.99].map { Text.number(lateness.quantile($0) ?? 0, digits: 2) }.joined(separator: ", ")
        return [
            "  " + Text.left("traced container: calls made", 58) + Text.right(Text.number(made, digits: 0), 24) + " /s",
            "  " + Text.left("  of them delivered, skipped for a slow client, dropped", 58) + Text.right(shares, 24)
                + " %",
            "  " + Text.left("of a core, while it is traced", 58) + Text.right(Text.number(load, digits: 1), 24) + " %",
            "  " + Text.left("\(milliseconds.count) alerts, slowest", 58)
                + Text.right(Text.number(milliseconds.max() ?? 0, digits: 2), 24) + " ms",
            "  " + Text.left("this process woke late by, p50, p99", 58) + Text.right(late, 24) + " ms",
        ]
    }
}
