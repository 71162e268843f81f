// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform
import TestSupport

/// A `ringfence` that runs while the test goes on.
final class BackgroundRun {
    private let child: ChildProcess
    private let workspace: Workspace
    private let name: String
    private var status: Int32?
    /// Whether it looks for containers after everything is attached, and says when it has.
    private let saysWhen: Bool

    /// Starts it; its output goes to files in `workspace`.
    init(_ words: [String], in workspace: Workspace, environment: [String: String] = [:]) throws {
        self.workspace = workspace
        saysWhen = words.contains("--container") && !words.contains("-q")
        name = "run-\(UInt32.random(in: 0 ... .max))"
        var all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        all["SUDO_USER"] = nil
        child = try ChildProcess.start(
            ChildProcess.Request(
                arguments: [
                    "/bin/sh", "-c",
                    "exec \"$0\" \"$@\" </dev/null >\(workspace.file(name)).out 2>\(workspace.file(name)).err",
                    Ringfence.binary,
                ] + words, environment: all.map { "\($0.key)=\($0.value)" }))
    }

    var pid: Int32 { child.pid }
    var output: String { workspace.text(name + ".out") }
    var errors: String { workspace.text(name + ".err") }

    /// Whether everything is attached. It sleeps in poll(2) then; but where it has little of the processor and much to read
    /// it is never found asleep, and the last of the programs, or what it says, tells.
    func isRecording() -> Bool {
        if saysWhen, errors.contains("ringfence: recording ") || errors.contains("ringfence: waiting for ") {
            return true
        }
        let programs = programs()
        guard !programs.isEmpty else { return false }
        if text("/proc/\(pid)/wchan").contains("poll") { return true }
        guard !saysWhen, let last = try? Shell.run(["bpftool", "-j", "prog", "show", "name", "rf_sys_enter"]).output
        else { return false }
        return last.matches(of: /"id":([0-9]+)/).contains { programs.contains(String($0.output.1)) }
    }

    func waitUntilRecording() -> Bool { Shell.eventually(seconds: 300) { isRecording() } }

    /// Ids of the BPF programs that it has attached (fdinfo of its links, proc(5)).
    func programs() -> Set<String> {
        var programs: Set<String> = []
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fdinfo")) ?? [] {
            let lines = text("/proc/\(pid)/fdinfo/\(entry)").split(separator: "\n")
            guard lines.contains(where: { $0.hasPrefix("link_type:") }) else { continue }
            programs.formUnion(
                lines.filter { $0.hasPrefix("prog_id:") }.compactMap { $0.split(separator: "\t").last.map(String.init) }
            )
        }
        return programs
    }

    func send(_ signal: CInt) { child.send(signal) }

    /// Its exit code, once it has ended.
    func end(seconds: Double = 300) throws -> Int32 {
        if let status { return status }
        let status = try Shell.end(of: child, seconds: seconds)
        self.status = status
        return status
    }

    private func text(_ path: String) -> String {
        (try? FileBytes.read(path, limit: 1 << 16)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    deinit { if status == nil { child.send(SIGKILL) } }
}
