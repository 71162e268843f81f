// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// A program that runs while the test goes on, its output thrown away.
package final class Background {
    private let child: ChildProcess
    private let words: [String]

    /// Starts it, with what reaches the engines in its environment.
    package init(_ words: [String]) throws {
        self.words = words
        let all = ProcessInfo.processInfo.environment.merging(Engine.environment) { $1 }
        child = try ChildProcess.start(
            ChildProcess.Request(
                arguments: ["/bin/sh", "-c", "exec \"$0\" \"$@\" </dev/null >/dev/null 2>&1"] + words,
                environment: all.map { "\($0.key)=\($0.value)" }))
    }

    /// Its process id.
    package var pid: Int32 { child.pid }

    /// Its exit code, once it has ended.
    package func end() throws -> Int32 { try Shell.end(of: child, words) }

    /// Asks it to end and waits for that.
    package func terminate() {
        child.send(SIGTERM)
        _ = try? Shell.end(of: child, seconds: 60)
    }

    /// Kills it and waits for that.
    package func kill() {
        child.send(SIGKILL)
        _ = try? Shell.end(of: child, seconds: 60)
    }
}
