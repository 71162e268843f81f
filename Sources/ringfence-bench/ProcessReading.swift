// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// What the kernel says of a process (proc(5)).
struct ProcessReading {
    private let pid: Int32

    init(of pid: Int32) { self.pid = pid }

    /// Run time of all its threads, those that have ended too, nanoseconds: its own clock (clock_getcpuclockid(3)), which
    /// is exact where utime and stime of proc(5) count ticks.
    func runTime() throws(BenchmarkError) -> UInt64 {
        var clock = clockid_t()
        var time = timespec()
        // SAFETY: both results are locals that outlive the calls.
        guard unsafe clock_getcpuclockid(pid, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else {
            throw .unavailable("the process \(pid) is gone")
        }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Shares of one core, one each `interval` milliseconds.
    func load(samples: Int, interval: UInt32) throws(BenchmarkError) -> [Double] {
        var shares: [Double] = []
        var before = (time: BootClock.nanoseconds, run: try runTime())
        for _ in 0..<samples {
            Child.pause(milliseconds: interval)
            let after = (time: BootClock.nanoseconds, run: try runTime())
            shares.append(Double(after.run - before.run) / Double(after.time - before.time) * 100)
            before = after
        }
        return shares
    }

    /// Resident memory in MB (10^6), by what it is.
    struct Memory: Encodable {
        /// Anonymous pages and pages of files.
        var own = 0.0
        /// Of the anonymous ones alone.
        var anonymous = 0.0
        /// Mapped parts of kernel maps, which count as the kernel's.
        var maps = 0.0
    }

    /// From /proc/PID/smaps.
    func memory() throws(BenchmarkError) -> Memory {
        var memory = Memory()
        var isMap = false
        for line in text("smaps").split(separator: "\n") {
            let fields = line.split(separator: " ")
            // A mapping's line begins with its range, all others with a name and a colon.
            guard let first = fields.first, fields.count >= 2 else { continue }
            guard first.hasSuffix(":") else {
                isMap = line.contains("bpf-map") || line.contains("bpf_map")
                continue
            }
            let bytes = (Double(fields[1]) ?? 0) * 1024 / 1e6
            if first == "Rss:" {
                if isMap { memory.maps += bytes } else { memory.own += bytes }
            } else if first == "Anonymous:", !isMap {
                memory.anonymous += bytes
            }
        }
        guard memory.own > 0 else { throw .unavailable("the process \(pid) is gone") }
        return memory
    }

    private func text(_ name: String) -> String {
        guard let bytes = try? FileBytes.read("/proc/\(pid)/\(name)", limit: 16 << 20, followsLink: false) else {
            return ""
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
