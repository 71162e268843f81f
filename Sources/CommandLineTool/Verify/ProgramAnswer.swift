// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// A short program whose output is wanted.
enum ProgramAnswer {
    /// Runs it to its end; nil if it fails or takes more than ten seconds. `file` is written over.
    static func of(_ words: [String], through file: String) -> String? {
        let request = ChildProcess.Request(
            arguments: ["/bin/sh", "-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>/dev/null </dev/null", "sh", file]
                + words, environment: ProcessEnvironment.words(for: nil))
        guard let child = try? ChildProcess.start(request) else { return nil }
        let end = BootClock.now + 10
        while BootClock.now < end {
            if let status = child.endedExitCode() {
                guard status == 0, let bytes = try? FileBytes.read(file, limit: 1 << 20) else { return nil }
                return String(decoding: bytes, as: UTF8.self)
            }
            _ = usleep(10_000)
        }
        child.send(SIGKILL)
        return nil
    }
}
