// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Glibc
import Platform
import TestSupport

/// A `ringfenced` that is asked through its socket, with directories of its own, stopped when the value dies. One at a time on a machine: its programs are
/// pinned in one place, which a lock guards that every such test takes.
final class AnsweringDaemon {
    /// What stands in the way of it; nil if nothing.
    static let obstacle: String? = geteuid() == 0 ? nil : "attaching programs needs root"

    private static let lock = "/run/ringfence-test/daemon.lock"
    private static let binaries: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return String(own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex))
    }()

    let directory: TemporaryDirectory
    private let child: ChildProcess
    private var status: Int32?

    /// Starts it with further settings, and waits until it answers.
    init(_ settings: String) throws {
        directory = try TemporaryDirectory()
        try directory.write(Self.configuration(settings, in: directory), to: "ringfence.conf")
        let words = [
            "flock", "--no-fork", Self.lock, "\(Self.binaries)/ringfenced", "--config",
            directory.file("ringfence.conf"),
        ]
        let output = directory.file("output")
        child = try ChildProcess.start(
            ChildProcess.Request(
                arguments: ["/bin/sh", "-c", "exec \"$0\" \"$@\" </dev/null >\(output) 2>&1"] + words,
                environment: ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }))
        // Another test may have the lock.
        guard Shell.eventually(seconds: 120, { (try? tool(["status"]).status) == 0 || hasEnded }), !hasEnded else {
            throw Failed(output: self.output)
        }
    }

    /// It did not start, or did not end.
    struct Failed: Error {
        let output: String
    }

    /// Writes the configuration anew.
    func configure(_ settings: String) throws {
        try directory.write(Self.configuration(settings, in: directory), to: "ringfence.conf")
    }

    private static func configuration(_ settings: String, in directory: TemporaryDirectory) -> String {
        "[Daemon]\nStateDirectory=\(directory.file("state"))\nRuntimeDirectory=\(directory.file("run"))\n" + settings
    }

    var socket: String { directory.file("run/control.sock") }
    var output: String { directory.text("output") }

    private var hasEnded: Bool {
        if status == nil { status = child.endedExitCode() }
        return status != nil
    }

    /// Runs `ringfence` against it.
    func tool(_ words: [String]) throws -> Shell.Result {
        try Shell.run(
            ["\(Self.binaries)/ringfence", "--socket", socket, "--state", directory.file("state")] + words, seconds: 60)
    }

    /// Runs `ringfence ... --format json`, which must succeed, and parses what it says.
    func json(_ words: [String]) throws -> JSONValue {
        let run = try tool(words + ["--format", "json"])
        guard run.status == 0 else { throw Failed(output: run.errors) }
        return try JSONValue(parsing: Array(run.output.utf8))
    }

    func send(_ signal: CInt) { child.send(signal) }

    /// Asks it to end; its exit code.
    func stop() throws -> Int32 {
        if let status { return status }
        child.send(SIGTERM)
        let code = try Shell.end(of: child, seconds: 30)
        status = code
        return code
    }

    deinit { if !hasEnded { _ = try? stop() } }
}
