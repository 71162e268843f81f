// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
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
    private let check: ContainerCheck.Outcome?
    private let wasStopped: Bool
    /// Whether there was a check, which then has to pass.
    private let isAsked: Bool
    /// Whether a container appeared at all; of commands always.
    private let hasStarted: Bool
    /// Where it ran, as far as it is known.
    var environment: ProfileEnvironment?
    /// What has to be allowed so that it works; nil if nobody asked.
    var mending: ContainerMending?

    /// Of a command; or of a container, which was asked and, once it had answered, told to end.
    init(
        _ result: RecordingResult, profile: OCISeccompProfile, check: ContainerCheck.Outcome? = nil,
        isAsked: Bool = false, wasStopped: Bool = false
    ) {
        self.isAsked = isAsked
        commandExitCode = result.commandExitCode ?? 0
        self.check = check
        self.wasStopped = wasStopped
        hasStarted = check == nil || !result.profiles.isEmpty
        denied = result.denials.map { denial, executable in
            let name = SyscallTable.table(denial.abi).name(denial.number)
            return DeniedCall(
                call: name, abi: denial.abi.name(on: .current), errno: ErrnoName.name(Int(denial.errno)),
                executable: executable, process: denial.comm, pid: denial.pid, count: denial.count,
                phase: denial.phase.name,
                isFallback: denial.errno == 38 && profile.means(fallbackFrom: name))
        }.sorted { ($0.call, $0.executable) < ($1.call, $1.executable) }
    }

    /// Whether it did what it is there for, whatever was denied.
    var works: Bool {
        guard hasStarted else { return false }
        switch check {
        case .passed: return true
        case .failed: return false
        case .unasked: return !isAsked && (wasStopped || commandExitCode == 0)
        case nil: return commandExitCode == 0
        }
    }

    /// The calls that were denied, with the executables that made them; fallbacks only where there is nothing else.
    var deniedCalls: [String: Set<String>] {
        let real = denied.filter { !$0.isFallback }
        return Dictionary((real.isEmpty ? denied : real).map { ($0.call, [$0.executable]) }) { $0.union($1) }
    }

    /// Why it does not work, in words.
    var failure: String {
        if case .failed(let words)? = check {
            return wasStopped
                ? "its check failed: \(words)" : "it exited with \(commandExitCode) before its check passed"
        }
        if isAsked, hasStarted { return "it exited with \(commandExitCode) before it could be asked" }
        return hasStarted ? "it exited with \(commandExitCode)" : "it did not start (\(commandExitCode))"
    }

    /// 0: it worked and nothing but intended fallbacks was denied; 1: something was denied, or a container does not work;
    /// else the command's own exit code.
    var exitCode: Int32 {
        if denied.contains(where: { !$0.isFallback }) { return 1 }
        if works { return 0 }
        return check == nil ? commandExitCode : 1
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
        lines.append(exitCode == 0 ? terminal.styled(verdict, .green) : terminal.styled(verdict, .red))
        return lines + (mending?.lines(on: terminal) ?? [])
    }

    private var verdict: String {
        let count = denied.count { !$0.isFallback }
        let calls = count == 0 ? "no call was denied with an errno" : "\(NumberText.counted(count, "call")) denied"
        guard let check else {
            if exitCode == 0 { return "verified: the command succeeded and no call was denied" }
            return "failed: \(calls)\(count == 0 ? ", and" : ";") the command exited with \(commandExitCode)"
        }
        let subject =
            check == .passed ? "its check passed" : wasStopped ? "it ran until it was told to end" : "it exited with 0"
        if exitCode == 0 { return "verified: the container works (\(subject)) and no call was denied" }
        return works
            ? "failed: \(calls), although the container works (\(subject))" : "failed: \(calls), and \(failure)"
    }

    /// What was to hold, for a pipeline's report.
    var cases: [JUnitReport.Case] {
        let real = denied.filter { !$0.isFallback }
        return [
            JUnitReport.Case(
                name: check == nil ? "the command succeeds" : "the container works",
                failure: works ? nil : (failure, (mending?.lines(on: .plain) ?? []).joined(separator: "\n"))),
            JUnitReport.Case(
                name: "no call is denied",
                failure: real.isEmpty
                    ? nil
                    : (
                        "\(NumberText.counted(real.count, "call")) denied: \(Set(real.map(\.call)).sorted().joined(separator: ", "))",
                        real.map(Self.text).joined(separator: "\n")
                    )),
        ]
    }

    private static func text(_ call: DeniedCall) -> String {
        "\(call.call) (\(call.abi)) with \(call.errno), \(NumberText.counted(call.count, "time")), "
            + "by \(call.executable) (\(call.process), process \(call.pid))"
    }

    private struct Summary: Encodable {
        var schema = "ringfence.verify/v1"
        let verified: Bool
        let works: Bool
        let commandExitCode: Int32
        let check: String?
        let denied: [DeniedCall]
        let fallbacks: [DeniedCall]
        let environment: ProfileEnvironment?
        let mending: ContainerMending?
    }

    var json: String {
        let words: String? =
            switch check {
            case nil, .unasked: nil
            case .passed: "passed"
            case .failed(let words): words
            }
        let summary = Summary(
            verified: exitCode == 0, works: works, commandExitCode: commandExitCode, check: words,
            denied: denied.filter { !$0.isFallback }, fallbacks: denied.filter(\.isFallback), environment: environment,
            mending: mending)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(summary)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
