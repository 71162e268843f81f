// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Recorder
import Seccomp

/// What a run under a seccomp profile showed.
struct Verification {
    /// One call that the profile answered.
    struct DeniedCall: Encodable {
        let call: String
        let abi: String
        let errno: String
        let executable: String
        let process: String
        let pid: UInt32
        let count: UInt64
        let phase: String
        /// Whether the profile means programs to fall back: ENOSYS, for a call that has an older sibling.
        let isFallback: Bool
    }

    private let denied: [DeniedCall]
    private let commandExitCode: Int32

    init(_ result: RecordingResult, profile: OCISeccompProfile) {
        commandExitCode = result.commandExitCode ?? 0
        denied = result.denials.map { denial, executable in
            let name = SyscallTable.table(denial.abi).name(denial.number)
            return DeniedCall(
                call: name, abi: denial.abi.name(on: .current), errno: ErrnoName.name(Int(denial.errno)),
                executable: executable, process: denial.comm, pid: denial.pid, count: denial.count,
                phase: denial.phase.name,
                isFallback: denial.errno == 38 && profile.means(fallbackFrom: name))
        }.sorted { ($0.call, $0.executable) < ($1.call, $1.executable) }
    }

    /// 0: the command succeeded and nothing but intended fallbacks was denied; 1: something was denied; else the
    /// command's own exit code.
    var exitCode: Int32 {
        if denied.contains(where: { !$0.isFallback }) { return 1 }
        return commandExitCode
    }

    func lines(on terminal: Terminal) -> [String] {
        let real = denied.filter { !$0.isFallback }
        let fallbacks = denied.filter(\.isFallback)
        var lines = real.map { terminal.styled("denied: ", .red) + Self.text($0) }
        lines += fallbacks.map { "fallback, as intended: " + Self.text($0) }
        if commandExitCode == 128 + SIGSYS {
            lines.append(
                terminal.styled("killed by SIGSYS: ", .red)
                    + "the profile kills for a call that it refuses, or for one of an architecture that it does not list"
            )
        }
        let verdict =
            exitCode == 0
            ? terminal.styled("verified: the command succeeded and no call was denied", .green)
            : real.isEmpty
                ? terminal.styled(
                    "failed: no call was denied with an errno, and the command exited with \(commandExitCode)", .red)
                : terminal.styled(
                    "failed: \(NumberText.counted(real.count, "call")) denied; the command exited with \(commandExitCode)",
                    .red)
        return lines + [verdict]
    }

    private static func text(_ call: DeniedCall) -> String {
        "\(call.call) (\(call.abi)) with \(call.errno), \(NumberText.counted(call.count, "time")), "
            + "by \(call.executable) (\(call.process), process \(call.pid))"
    }

    private struct Summary: Encodable {
        var schema = "ringfence.verify/v1"
        let verified: Bool
        let commandExitCode: Int32
        let denied: [DeniedCall]
        let fallbacks: [DeniedCall]
    }

    var json: String {
        let summary = Summary(
            verified: exitCode == 0, commandExitCode: commandExitCode, denied: denied.filter { !$0.isFallback },
            fallbacks: denied.filter(\.isFallback))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(summary)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
