// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
package import Platform

/// Runs programs for the tests.
package enum Shell {
    /// What a program left behind.
    package struct Result: Sendable {
        /// As a shell reports it.
        package let status: Int32
        package let output: String
        package let errors: String
    }

    /// A program did not end in time.
    package struct TimedOut: Error {
        package let words: [String]
    }

    /// Runs a command to its end, standard input empty, and returns what it wrote.
    package static func run(
        _ words: [String], environment: [String: String] = [:], seconds: Double = 120, directory: String? = nil
    ) throws -> Result {
        let base = "/tmp/ringfence-shell-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        defer { for suffix in [".out", ".err"] { _ = unsafe unlink(base + suffix) } }
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // The shell redirects; "$0" and "$@" keep every word as it is.
        let change = directory.map { "cd '\($0)' && " } ?? ""
        let child = try ChildProcess.start(
            ChildProcess.Request(
                arguments: ["/bin/sh", "-c", "\(change)exec \"$0\" \"$@\" </dev/null >\(base).out 2>\(base).err"]
                    + words,
                environment: all.map { "\($0.key)=\($0.value)" }))
        let status = try end(of: child, words, seconds: seconds)
        return Result(status: status, output: text(base + ".out"), errors: text(base + ".err"))
    }

    /// Waits for a child's end, at most `seconds` (more where the processor is emulated), then kills it.
    package static func end(of child: ChildProcess, _ words: [String] = [], seconds: Double = 120) throws -> Int32 {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(Pace.patience(seconds))
        // Short at first, for the many that end at once; a long wait takes no time from what is waited for.
        var pause = timespec(tv_sec: 0, tv_nsec: 500_000)
        while clock.now < deadline {
            if let status = child.endedExitCode() { return status }
            _ = unsafe nanosleep(&pause, nil)
            pause.tv_nsec = min(pause.tv_nsec * 2, 16_000_000)
        }
        child.send(SIGKILL)
        throw TimedOut(words: words)
    }

    /// Waits until `condition` holds; false if it did not in time.
    package static func eventually(seconds: Double = 60, _ condition: () throws -> Bool) rethrows -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(Pace.patience(seconds))
        repeat {
            if try condition() { return true }
            var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
            _ = unsafe nanosleep(&pause, nil)
        } while clock.now < deadline
        return try condition()
    }

    private static func text(_ path: String) -> String {
        ((try? FileBytes.read(path, limit: 64 << 20)).map { String(decoding: $0, as: UTF8.self) }) ?? ""
    }
}
