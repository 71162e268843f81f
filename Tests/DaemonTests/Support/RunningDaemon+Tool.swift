// SPDX-License-Identifier: Apache-2.0
import Control
import Platform
import TestSupport

extension RunningDaemon {
    var socket: String { workspace.file("run/control.sock") }

    /// A command of the tool failed.
    struct ToolFailed: Error {
        let errors: String
    }

    /// Runs `ringfence` against it.
    func tool(_ words: [String]) throws -> Shell.Result {
        try Ringfence.run(["--socket", socket, "--state", stateDirectory] + words)
    }

    /// Runs `ringfence ... --format json`, which must succeed, and parses what it says.
    func json(_ words: [String]) throws -> JSONValue {
        let run = try tool(words + ["--format", "json"])
        guard run.status == 0 else { throw ToolFailed(errors: run.errors) }
        return try JSONValue(parsing: Array(run.output.utf8))
    }

    /// Adds a drop-in to its configuration, in the place of the one before.
    func configure(_ settings: String) throws {
        _ = try Shell.run(["mkdir", "-p", workspace.file("ringfence.conf.d")])
        try workspace.write(settings, to: "ringfence.conf.d/test.conf")
    }

    func send(_ signal: CInt) { _ = try? Shell.run(["kill", "-\(signal)", "\(pid)"]) }
}
