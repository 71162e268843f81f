// SPDX-License-Identifier: Apache-2.0

/// What container runtimes themselves call while the container's filter is already active. Measured by leaving out one
/// call at a time (runc 1.3.2, 1.4.2, 1.5.1, crun 1.8.1; user 0, no terminal), with no_new_privs off and on.
package enum RuntimeNeeds {
    /// Whose needs a profile has to meet.
    package enum Target: String, Sendable, CaseIterable {
        /// The runtime that was seen while recording; where none was seen under a filter, `any`.
        case recorded
        case runc, crun
        /// Both.
        case any
    }

    /// Removing one of these stops runc under EPERM and under ENOSYS; a profile always has them.
    static let indispensable: Set<String> = ["openat2", "statx", "fstatfs", "getdents64", "futex"]

    /// The least that runc was seen to start and exec with.
    static let runc: Set<String> = [
        "capget", "capset", "chdir", "close", "execve", "fstat", "fstatfs", "futex", "getcwd", "getdents64", "getppid",
        "newfstatat", "openat", "openat2", "prctl", "read", "setgid", "setgroups", "setuid", "statx", "write",
    ]

    /// What Go's scheduler and memory allocator call by chance, and `fchown` for a user other than 0 with standard streams.
    static let goTail: Set<String> = [
        "futex", "nanosleep", "sched_yield", "tgkill", "rt_sigreturn", "rt_sigprocmask", "sigaltstack", "epoll_pwait",
        "epoll_ctl", "madvise", "mmap", "munmap", "gettid", "getpid", "clone", "fcntl", "close_range", "faccessat2",
        "exit", "exit_group", "fchown",
    ]

    /// crun's, start and exec.
    static let crun: Set<String> = [
        "capset", "execve", "prctl", "rt_sigaction", "rt_sigprocmask", "setresgid", "setresuid", "write", "openat",
        "read", "setgroups", "statx",
    ]

    /// The calls a profile needs: what was seen beats the list, but for chance calls and for what never may be missing.
    static func calls(for target: Target, observed: Set<String>) -> Set<String> {
        switch target {
        case .recorded:
            observed.isEmpty ? calls(for: .any, observed: []) : observed.union(indispensable).union(goTail)
        case .runc: observed.union(indispensable).union(goTail).union(runc)
        case .crun: observed.union(indispensable).union(crun)
        case .any: observed.union(indispensable).union(goTail).union(runc).union(crun)
        }
    }
}
