// SPDX-License-Identifier: Apache-2.0

/// A kernel program of the object, and what is lost without it.
package enum SensorProgram: String, CaseIterable, Sendable {
    case sysEnter = "rf_sys_enter"
    case sysExit = "rf_sys_exit"
    case fork = "rf_fork"
    case exec = "rf_exec"
    case exit = "rf_exit"
    case cgroupMade = "rf_cgroup_mkdir"
    case cgroupRemoved = "rf_cgroup_rmdir"
    case cgroupAttach = "rf_cgroup_attach"
    case ioUringRequest = "rf_io_uring_req"
    case ioUringSQE = "rf_io_uring_sqe"
    case existingTasks = "rf_existing_tasks"
    case fallback = "rf_fallback"

    /// The kernel tracepoint, as BTF knows it; nil for an iterator.
    var tracepoint: String? {
        switch self {
        case .sysEnter, .fallback: "sys_enter"
        case .sysExit: "sys_exit"
        case .fork: "sched_process_fork"
        case .exec: "sched_process_exec"
        case .exit: "sched_process_exit"
        case .cgroupMade: "cgroup_mkdir"
        case .cgroupRemoved: "cgroup_rmdir"
        case .cgroupAttach: "cgroup_attach_task"
        case .ioUringRequest: "io_uring_submit_req"
        case .ioUringSQE: "io_uring_submit_sqe"
        case .existingTasks: nil
        }
    }

    /// Whether recording with phases and executables is impossible without it.
    var isEssential: Bool {
        switch self {
        case .sysEnter, .fork, .exec, .exit: true
        default: false
        }
    }

    /// What is not known when it is missing, in words for people.
    package var lossWithoutIt: String {
        switch self {
        case .sysEnter, .fallback: "system calls are not recorded"
        case .sysExit: "calls denied by a seccomp filter are not seen"
        case .fork, .exec, .exit: "phases and executables are not told apart"
        case .cgroupMade, .cgroupRemoved: "cgroups are noticed at their first call, not when they are made"
        case .cgroupAttach: "a process moved into a container is noticed at its next call"
        case .ioUringRequest, .ioUringSQE: "io_uring operations are not recorded"
        case .existingTasks: "tasks older than the recording are noticed at their next call"
        }
    }
}

/// What became of one program.
package struct ProgramStatus: Sendable, Equatable {
    package let program: SensorProgram
    /// Why it is not attached, in words; nil if it is.
    package let missing: String?
}
