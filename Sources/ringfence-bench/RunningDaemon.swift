// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// A `ringfenced` under test, with directories of its own. A signal as of a terminal ends it, which detaches its programs.
final class RunningDaemon {
    /// Where its programs and maps are pinned.
    static let pins = "/sys/fs/bpf/ringfence"
    private let process: Child
    private let directory: String
    var pid: Int32 { process.pid }
    var socket: String { directory + "/run/control.sock" }
    var alerts: String { directory + "/state/alerts.jsonl" }

    /// How it learns: as fast as it can, or with epochs as long as they are by default.
    enum Pace: String {
        case hasty = "Window=3s Epoch=1s"
        case calm = "Window=10min Epoch=10min"
    }

    /// Starts it and waits until it answers. `directory` may hold the state of one that has ended.
    init(_ program: String, in directory: String, _ pace: Pace) throws(BenchmarkError) {
        self.directory = directory
        for name in ["state", "run"] where !FileTree.exists("\(directory)/\(name)") {
            do { try FileTree.makeDirectory("\(directory)/\(name)") } catch { throw .unavailable("\(error)") }
        }
        let script = """
            printf '%s\\n' '[Daemon]' "StateDirectory=$1/state" "RuntimeDirectory=$1/run" Group=root \\
                '[Learning]' \(pace.rawValue) Share=50% '[Alerts]' Journal=no >"$1/ringfence.conf"
            exec "$0" --config "$1/ringfence.conf" >>"$1/log" 2>&1
            """
        _ = unsafe unlink(directory + "/run/control.sock")
        process = try Child(["sh", "-c", script, program, directory])
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(20)
        while clock.now < deadline {
            if FileTree.exists(socket) { return }
            Child.pause()
        }
        throw .unavailable("\(program) did not start within 20 s: \(log.suffix(300))")
    }

    /// What it said so far.
    var log: String {
        guard let bytes = try? FileBytes.read(directory + "/log", limit: 8 << 20) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits until the profiles of all these containers are monitored.
    func waitUntilMonitored(_ ids: [String], seconds: Double) throws(BenchmarkError) {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(seconds)
        var left = Set(ids)
        while clock.now < deadline {
            let lines = log.split(separator: "\n").filter { $0.hasSuffix("is monitoring") }
            left = left.filter { id in !lines.contains { $0.contains(id) } }
            if left.isEmpty { return }
            Child.pause(milliseconds: 200)
        }
        throw .unavailable(
            "\(left.count) of \(ids.count) containers were not monitored within \(Int(seconds)) s: \(log.suffix(300))")
    }

    /// Ends it; everything is detached.
    func end() throws(BenchmarkError) { try process.stop(SIGINT) }

    deinit { kill(process.pid, SIGINT) }
}
