// SPDX-License-Identifier: Apache-2.0

/// Calls that every profile treats alike.
enum CallLists {
    /// Allowed in every profile, since no training run shows them: the kernel restarts calls after a stop or a freeze,
    /// signal handlers return, clocks become calls where the vDSO cannot be used. With their 32-bit twins. Waiting for a
    /// signal is only needed when what is waited for has not happened yet: a shell's `wait` that answers ENOSYS spins.
    static let always: Set<String> = [
        "restart_syscall", "rt_sigreturn", "sigreturn", "exit", "exit_group", "clock_gettime", "clock_gettime64",
        "clock_getres", "clock_getres_time64", "gettimeofday", "time", "getcpu",
        "rt_sigsuspend", "sigsuspend", "pause", "rt_sigtimedwait", "rt_sigtimedwait_time64",
    ]

    /// What a C library or program does instead when a new call fails with ENOSYS. An empty list: it does without.
    static let fallbacks: [String: [String]] = [
        "clone3": ["clone"],
        "openat2": ["openat"],
        "statx": ["newfstatat", "fstat"],
        "faccessat2": ["faccessat", "newfstatat"],
        "fchmodat2": ["fchmodat", "fchmod"],
        "close_range": ["close", "getdents64"],
        "epoll_pwait2": ["epoll_pwait"],
        "futex_waitv": ["futex"], "futex_wait": ["futex"], "futex_wake": ["futex"], "futex_requeue": ["futex"],
        "preadv2": ["preadv"], "pwritev2": ["pwritev"],
        "copy_file_range": ["read", "write"],
        "renameat2": ["renameat"],
        "rseq": [],
        "execveat": ["execve"],
        "getrandom": ["openat", "read"],
        "setxattrat": ["setxattr", "fsetxattr"], "getxattrat": ["getxattr", "fgetxattr"],
        "listxattrat": ["listxattr", "flistxattr"], "removexattrat": ["removexattr", "fremovexattr"],
    ]
}
