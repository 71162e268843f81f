// SPDX-License-Identifier: Apache-2.0
package import CShims
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
        /// A seccomp filter to load right before executing; none if empty.
        package var filter: [rf_bpf_instruction] = []
        /// Whether no_new_privs is set before the filter is loaded (prctl(2)).
        package var takesNewPrivileges = true

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
            case .exec: "cannot run \(subject): \(reason)\(remedy)"
            }
        }

        private var remedy: String {
            var status = stat()
            let found = unsafe stat(subject, &status) == 0
            let isThere = found && subject.contains("/")
            if isThere, status.st_mode & S_IFMT == S_IFDIR { return "; it is a directory" }
            if errno == ENOENT {
                return isThere
                    ? "; the file is there, but the interpreter or loader that it names is not"
                    : "; check its spelling and PATH"
            }
            return errno == EACCES ? "; make it executable with chmod +x, or check the directories above it" : ""
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
        var pid: Int32 = -1
        withRawRequest(request) { pid = unsafe rf_spawn_program($0, &step, &reason) }
        guard pid > 0 else { throw failure(of: request, step: step, errno: reason) }
        return ChildProcess(pid: pid)
    }

    /// Becomes the program, in this process. Returns only if that failed.
    package static func become(_ request: Request) -> Failure {
        var step: CInt = 0
        var reason: CInt = 0
        withRawRequest(request) { unsafe rf_become_program($0, &step, &reason) }
        return failure(of: request, step: step, errno: reason)
    }

    /// The exit code of the program as a shell reports it (128 + signal for a killed one) if it has ended, else nil.
    /// Reports an end once.
    package func endedExitCode() -> CInt? {
        var status: CInt = 0
        let ended = unsafe waitpid(pid, &status, WNOHANG)
        // Nobody to wait for: it has ended, and its status went elsewhere.
        if ended < 0, errno == ECHILD { return 0 }
        guard ended == pid, rf_ended(status) != 0 else { return nil }
        return rf_exit_code(status)
    }

    /// Sends a signal to it.
    package func send(_ signal: CInt) { _ = kill(pid, signal) }

    private static func failure(of request: Request, step: CInt, errno: CInt) -> Failure {
        let at = Failure.Step(rawValue: step) ?? .fork
        let subject =
            switch at {
            case .cgroup: request.cgroupProcesses ?? ""
            case .user: request.user?.name ?? ""
            default: HostileText.escaped(request.arguments.first ?? "")
            }
        return Failure(step: at, subject: subject, errno: errno)
    }

    /// Lends `body` the request as C has it. SAFETY: every buffer in it lives until `body` returns.
    @safe private static func withRawRequest(_ request: Request, _ body: (UnsafePointer<rf_spawn>) -> Void) {
        withCStrings(request.arguments) { arguments in
            withCStrings(request.environment) { environment in
                withOptionalCString(request.cgroupProcesses) { cgroup in
                    unsafe request.filter.withUnsafeBufferPointer { filter in
                        unsafe (request.user?.groups ?? []).withUnsafeBufferPointer { groups in
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
                            unsafe raw.filter_length = filter.count
                            unsafe raw.no_new_privs = request.takesNewPrivileges ? 0 : 1
                            unsafe body(&raw)
                        }
                    }
                }
            }
        }
    }
}
