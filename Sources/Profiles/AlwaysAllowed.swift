// SPDX-License-Identifier: Apache-2.0

/// Calls that no training run shows reliably and that every profile allows.
package enum AlwaysAllowed {
    /// The kernel restarts calls after a stop or a freeze, signal handlers return, clocks become calls where the vDSO
    /// cannot be used. With their 32-bit twins. Waiting for a signal is only needed when what is waited for has not
    /// happened yet: a shell's `wait` that answers ENOSYS spins.
    package static let calls: Set<String> = [
        "restart_syscall", "rt_sigreturn", "sigreturn", "exit", "exit_group", "clock_gettime", "clock_gettime64",
        "clock_getres", "clock_getres_time64", "gettimeofday", "time", "getcpu",
        "rt_sigsuspend", "sigsuspend", "pause", "rt_sigtimedwait", "rt_sigtimedwait_time64",
    ]
}
