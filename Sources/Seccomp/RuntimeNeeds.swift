// SPDX-License-Identifier: Apache-2.0

/// What container runtimes themselves call while the container's filter is already active. Measured by leaving out one
/// call at a time (runc 1.3.2, 1.4.2, 1.5.1, crun 1.8.1; user 0, no terminal), with no_new_privs off and on.
package enum RuntimeNeeds {
    /// Whose needs a profile has to meet.
    package enum Target: String, Sendable, CaseIterable {
        /// The runtime that was seen while recording; where none was seen under a filter, the one that the recording names,
        /// else `any`.
        case auto
        case runc, crun
        /// Docker and containerd start runc; Podman starts crun or runc, as it is configured.
        case docker, podman, containerd
        /// Both runtimes.
        case any
        /// The service manager, which loads the filter last of all.
        case systemd

        /// The runtimes behind it.
        var runtimes: Set<Runtime> {
            switch self {
            case .runc, .docker, .containerd: [.runc]
            case .crun: [.crun]
            case .auto, .podman, .any: [.runc, .crun]
            case .systemd: []
            }
        }
    }

    /// What reads a container's configuration and loads its filter.
    enum Runtime { case runc, crun }

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

    /// With no_new_privs both load the filter just before they execute the program. Entering the container needs no more of
    /// runc, and `write` of crun.
    static let runcLate: Set<String> = ["close", "execve", "fstat", "fstatfs", "getdents64", "openat", "write"]
    static let crunLate: Set<String> = ["execve", "write"]
    /// systemd loads a unit's filter, executes, and tells the manager if that failed.
    static let systemd: Set<String> = ["execve", "write"]

    /// The calls a profile needs: what was seen beats the list, but for chance calls and for what never may be missing. With
    /// `noNewPrivileges` the list alone counts: what was seen may come from a runtime that had more to do.
    static func calls(
        for target: Target, observed: Set<String>, noNewPrivileges: Bool = false
    ) -> Set<String> {
        if target == .systemd { return systemd }
        let runtimes = target.runtimes
        if noNewPrivileges {
            return (runtimes.contains(.runc) ? runcLate.union(indispensable).union(goTail) : [])
                .union(runtimes.contains(.crun) ? crunLate : [])
        }
        let common = observed.union(indispensable)
        if target == .auto, !observed.isEmpty { return common.union(goTail) }
        return common.union(runtimes.contains(.runc) ? goTail.union(runc) : [])
            .union(runtimes.contains(.crun) ? crun : [])
    }
}
