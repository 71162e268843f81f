// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import TestSupport

/// A named pipe whose reader does what the lines say that it is told. Open at both ends: neither waits for the other.
final class LinePipe {
    let path: String
    private let input: CInt

    /// Makes it in a workspace, which must live as long; others than the owner may read it with `mode`.
    init(in workspace: Workspace, named name: String = "lines", mode: mode_t = 0o600) {
        path = workspace.file(name)
        _ = unsafe mkfifo(path, mode)
        input = unsafe open(path, O_RDWR | O_CLOEXEC)
    }

    /// Writes one line.
    func tell(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        // SAFETY: the kernel reads the buffer within the call.
        _ = unsafe write(input, bytes, bytes.count)
    }

    /// Reads that a process has made: it has done what it was told once there is one more. 0 if it is gone.
    static func reads(of process: Int32) -> UInt64 {
        let bytes = (try? FileBytes.read("/proc/\(process)/io", limit: 4096)) ?? []
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("syscr:") }
        return line.flatMap { UInt64($0.dropFirst(7)) } ?? 0
    }

    deinit { _ = close(input) }
}
