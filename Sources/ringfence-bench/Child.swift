// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// A program that takes part in a measurement.
struct Child {
    private let process: ChildProcess
    private let name: String
    var pid: Int32 { process.pid }

    /// This program's own file.
    static let ownProgram = "/proc/\(getpid())/exe"

    init(_ words: [String], cgroup: String? = nil, environment: [String: String] = [:]) throws(BenchmarkError) {
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var request = ChildProcess.Request(arguments: words, environment: all.map { "\($0.key)=\($0.value)" })
        request.cgroupProcesses = cgroup
        name = words.first ?? ""
        do { process = try ChildProcess.start(request) } catch { throw .unavailable(error.description) }
    }

    /// Whether a program of this name can be started.
    static func isInstalled(_ program: String) -> Bool {
        guard !program.contains("/") else { return FileTree.exists(program) }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { FileTree.exists("\($0)/\(program)") }
    }

    /// Waits for its end and calls `meanwhile` about every half millisecond.
    func end(seconds: Double = 600, meanwhile: () -> Void = {}) throws(BenchmarkError) -> CInt {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(seconds)
        while clock.now < deadline {
            if let status = process.endedExitCode() { return status }
            meanwhile()
            Self.pause()
        }
        process.send(SIGKILL)
        throw .unavailable("\(name) did not end within \(Int(seconds)) s")
    }

    /// Ends it by a signal.
    func stop(_ signal: CInt) throws(BenchmarkError) {
        process.send(signal)
        _ = try end(seconds: 30)
    }

    /// The call that it is blocked in, as proc(5) says in /proc/PID/syscall; nil while it runs or when it is gone.
    var blockedCall: Int? {
        guard let bytes = try? FileBytes.read("/proc/\(pid)/syscall", limit: 4096, followsLink: false) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: " ").first.flatMap { Int($0) }
    }

    /// Its largest resident size so far in kilobytes (VmHWM of proc(5)), nil when it is gone.
    var peakResidentKilobytes: Int? {
        guard let bytes = try? FileBytes.read("/proc/\(pid)/status", limit: 1 << 16, followsLink: false) else {
            return nil
        }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }

    /// Half a millisecond, if nothing else is said.
    static func pause(milliseconds: UInt32 = 0, microseconds: UInt32 = 0) {
        let all = max(1, UInt64(milliseconds) * 1000 + UInt64(microseconds)) * 1000
        let nanoseconds = milliseconds == 0 && microseconds == 0 ? 500_000 : all
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        // SAFETY: the time is a local that outlives the call; how much was left is not asked for.
        _ = unsafe nanosleep(&time, nil)
    }
}
