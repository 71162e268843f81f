// SPDX-License-Identifier: Apache-2.0
import CBench
import Glibc
import Sensor

/// Measures the start and the memory of a recording.
enum Start {
    private static let runs = 10

    static func measure(ringfence: String) throws(BenchmarkError) -> StartResult {
        let scratch = try Scratch()
        var sensors: [Double] = []
        var commands: [Double] = []
        var peak = 0
        var mapBytes = 0
        for _ in 0..<runs {
            let start = rf_bench_now()
            do { mapBytes = try Sensor(SensorConfiguration(scope: .everything)).mapBytes } catch {
                throw .unavailable(error.description)
            }
            sensors.append(Double(rf_bench_now() - start) / 1e6)
            let pipe = try OutputPipe()
            let words = [ringfence, "record", "--quiet", "-o", scratch.path + "/profile.json", "--"]
            let before = rf_bench_now()
            let child = try Child(words + [Child.ownProgram, "now", String(pipe.writing)])
            // The recorder holds the pipe open as well, so its memory is looked at before the few bytes are read.
            let status = try child.end { peak = max(peak, child.peakResidentKilobytes ?? 0) }
            guard status == 0, let after = UInt64(try pipe.text()) else {
                throw .unavailable("\(ringfence) record did not run the command")
            }
            commands.append(Double(after - before) / 1e6)
        }
        return StartResult(
            sensor: sensors, command: commands,
            peak: peak > 0 ? Double(peak) * 1024 / 1e6 : nil,
            maps: Double(mapBytes) / 1e6)
    }
}
