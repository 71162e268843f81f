// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// A program started by us.
package struct ChildProcess: Sendable {
    /// How to start it.
    package struct Request: Sendable {
        /// The command line; the first word is looked up in PATH.
        package var arguments: [String]
        /// `NAME=value` each.
        package var environment: [String]
        /// The `cgroup.procs` file of the cgroup to join before executing, or nil.
        package var cgroupProcesses: String?
        /// Whom to become before executing, or nil to stay who we are.
        package var user: UserIdentity?
        /// A seccomp filter to load right before executing: classic BPF instructions, 8 bytes each.
        package var filter: [UInt64] = []

        /// A request to run `arguments` as we are.
        package init(arguments: [String], environment: [String]) {
            self.arguments = arguments
            self.environment = environment
        }
    }

    /// Why a program could not be started.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        /// The step that failed.
        package enum Step: Int32, Sendable { case fork = 1, cgroup, user, filter, exec }

        package let step: Step
        package let subject: String
        package let errno: CInt

        package var description: String {
            let reason = SystemError.message(errno)
            return switch step {
            case .fork: "cannot start a process: \(reason)"
            case .cgroup: "cannot move the command into \(subject): \(reason)"
            case .user: "cannot become \(subject): \(reason)"
            case .filter: "cannot load the seccomp filter: \(reason)"
            case .exec: "cannot run \(subject): \(reason)"
            }
        }

        /// What a shell exits with: 127 if there is no such command, 126 if it cannot be executed, else 71 (EX_OSERR).
        package var exitCode: CInt {
            guard step == .exec else { return 71 }
            return errno == ENOENT ? 127 : 126
        }
    }

    /// Process id.
    package let pid: Int32

    /// Starts a program. Returns when it has executed.
    package static func start(_ request: Request) throws(Failure) -> ChildProcess {
        var step: CInt = 0
        var reason: CInt = 0
        let pid = withCStrings(request.arguments) { arguments in
            withCStrings(request.environment) { environment in
                spawn(request, arguments, environment, &step, &reason)
            }
        }
        guard pid > 0 else {
            let at = Failure.Step(rawValue: step) ?? .fork
            let subject =
                switch at {
                case .cgroup: request.cgroupProcesses ?? ""
                case .user: request.user?.name ?? ""
                default: HostileText.escaped(request.arguments.first ?? "")
                }
            throw Failure(step: at, subject: subject, errno: reason)
        }
        return ChildProcess(pid: pid)
    }

    /// The exit code of the program as a shell reports it (128 + signal for a killed one) if it has ended, else nil.
    /// Reports an end once.
    package func endedExitCode() -> CInt? {
        var status: CInt = 0
        guard unsafe waitpid(pid, &status, WNOHANG) == pid, rf_ended(status) != 0 else { return nil }
        return rf_exit_code(status)
    }

    /// Sends a signal to it.
    package func send(_ signal: CInt) { _ = kill(pid, signal) }

    @safe private static func spawn(
        _ request: Request, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
        _ environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ step: inout CInt, _ reason: inout CInt
    ) -> Int32 {
        // SAFETY: every buffer lives until rf_spawn returns, which is when the child has executed or failed.
        unsafe request.filter.withUnsafeBytes { filter in
            unsafe (request.user?.groups ?? []).withUnsafeBufferPointer { groups in
                withOptionalCString(request.cgroupProcesses) { cgroup in
                    var raw = unsafe rf_spawn()
                    unsafe raw.argv = UnsafePointer(arguments)
                    unsafe raw.envp = UnsafePointer(environment)
                    unsafe raw.cgroup_procs = cgroup
                    unsafe raw.change_user = request.user == nil ? 0 : 1
                    unsafe raw.uid = request.user?.user ?? 0
                    unsafe raw.gid = request.user?.group ?? 0
                    unsafe raw.groups = groups.baseAddress
                    unsafe raw.group_count = groups.count
                    unsafe raw.filter = request.filter.isEmpty ? nil : filter.baseAddress
                    unsafe raw.filter_length = UInt16(request.filter.count)
                    return unsafe rf_spawn_program(&raw, &step, &reason)
                }
            }
        }
    }
}
