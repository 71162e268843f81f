// SPDX-License-Identifier: Apache-2.0
import Alerts
import FoundationEssentials
import Glibc
import Platform
import TestSupport

extension RunningDaemon {
    /// `ringfence alerts -f` against it, whose lines go to a file.
    final class Follower {
        private let run: Background
        private let path: String

        /// Starts it: `tool` is what runs `ringfence`. Root's reads the file; who may not is sent the alerts by the daemon.
        init(_ daemon: RunningDaemon, tool: [String] = [Ringfence.binary]) throws {
            path = daemon.workspace.file("followed-\(UInt32.random(in: 0 ... .max))")
            run = try Background(
                ["sh", "-c", "exec \"$0\" \"$@\" >\(path)"] + tool
                    + ["--socket", daemon.socket, "alerts", "-f", "--format", "json"])
        }

        deinit { run.kill() }

        /// The alerts that came.
        var alerts: [Alert] {
            ((try? FileBytes.read(path, limit: 1 << 24)) ?? []).split(separator: 0x0A)
                .compactMap { Alert(line: Array($0)) }
        }

        /// When it wrote last, as `changed` tells it.
        var lastWrite: UInt64 { RunningDaemon.changed(path) }
    }

    /// When a file was last written to, nanoseconds of CLOCK_BOOTTIME, as exactly as its file system keeps it: an event's
    /// way can be measured so without the way of the test that looks for it.
    static func changed(_ path: String) -> UInt64 {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return 0 }
        var wall = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &wall)
        let age =
            (Int64(wall.tv_sec) - Int64(status.st_mtim.tv_sec)) * 1_000_000_000
            + Int64(wall.tv_nsec) - Int64(status.st_mtim.tv_nsec)
        return UInt64(clamping: Int64(BootClock.nanoseconds) - age)
    }

    /// When its store of alerts was last written to.
    var lastAlertWritten: UInt64 { Self.changed(stateDirectory + "/alerts.jsonl") }

    /// Resident memory in bytes.
    var residentBytes: UInt64 {
        let text = (try? FileBytes.read("/proc/\(pid)/status", limit: 1 << 16)).map {
            String(decoding: $0, as: UTF8.self)
        }
        let line = text?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(separator: " ").dropFirst().first).flatMap { UInt64($0) }.map { $0 * 1024 } ?? 0
    }
}
