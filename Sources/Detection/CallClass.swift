// SPDX-License-Identifier: Apache-2.0

/// How much a call that was never seen before says of an attack. **This file is the one table of classes**; every call
/// that is not named here is `middle`. Never-allowed calls alert by their tier, whatever their class.
package enum CallClass: String, Sendable, CaseIterable {
    /// An attacker needs it for the next step, and ordinary programs begin it only when they are new or changed.
    case high
    case middle
    /// Comes and goes with load, allocator, library version and thread count: it leads the false alarms.
    case low

    /// What one new item of this class adds to the score.
    package var weight: Double {
        switch self {
        case .high: 3
        case .middle: 1
        case .low: 0.25
        }
    }

    /// The class of a system call by the kernel's name for it, the same in every ABI; `#N`, which no kernel has, is
    /// `middle`.
    package static func ofCall(_ name: String) -> CallClass {
        if highCalls.contains(name) { return .high }
        return lowCalls.contains(name) ? .low : .middle
    }

    /// The class of an io_uring operation by its name (`IORING_OP_CONNECT`).
    package static func ofOperation(_ name: String) -> CallClass {
        if highOperations.contains(name) { return .high }
        return lowOperations.contains(name) ? .low : .middle
    }

    /// Every call that has a class other than `middle`; for tests and documentation.
    package static var namedCalls: [CallClass: Set<String>] { [.high: highCalls, .low: lowCalls] }

    private static let highCalls = words(
        // Runs another program; with memfd_create one that no file system ever held.
        "execve execveat memfd_create uselib",
        // Opens, offers or takes a connection: what a reverse shell, a proxy and a miner begin with. Sending and
        // receiving stay middle: they follow one of these, and the pair would count twice. socketcall is i386's door
        // to all of them.
        "socket connect bind listen accept accept4 socketcall",
        // Changes who the process is or what it may do.
        "setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset",
        "setuid32 setgid32 setreuid32 setregid32 setresuid32 setresgid32 setgroups32 setfsuid32 setfsgid32",
        // Leaves the container's view of files, processes or network. (Of the never-allow list, for the profiles where a
        // person allowed some of them and a program begins another.)
        "unshare setns mount umount umount2 pivot_root chroot open_tree move_mount fsopen fsmount mount_setattr",
        // Reads or changes other processes and the kernel.
        "ptrace process_vm_readv process_vm_writev pidfd_getfd process_madvise bpf perf_event_open userfaultfd",
        "init_module finit_module delete_module kexec_load kexec_file_load open_by_handle_at keyctl add_key request_key",
        // Submits work that no system call shows.
        "io_uring_setup",
        // Makes files that act with another's rights.
        "mknod mknodat")

    private static let lowCalls = words(
        // Memory: allocators and loaders. mprotect too, although shell code needs it: every dynamic loader, JIT and
        // guard page does, and what an attacker does with the page counts by itself.
        "brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall mseal",
        "pkey_alloc pkey_free pkey_mprotect membarrier map_shadow_stack get_mempolicy set_mempolicy cachestat",
        // Signals.
        "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigtimedwait_time64 rt_sigsuspend",
        "rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack sigaction sigprocmask sigreturn sigpending sigsuspend signal",
        "sgetmask ssetmask pause kill tkill tgkill signalfd signalfd4 pidfd_send_signal restart_syscall",
        // Threads. clone and clone3 make processes as well, but a number does not tell which, and what the new process
        // executes is an item of its own; fork and vfork stay middle.
        "clone clone3 futex futex_time64 futex_wait futex_wake futex_requeue futex_waitv set_robust_list",
        "get_robust_list set_tid_address gettid rseq getcpu arch_prctl set_thread_area get_thread_area set_tls",
        "sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler",
        "sched_setscheduler sched_getattr sched_setattr sched_get_priority_max sched_get_priority_min",
        "sched_rr_get_interval sched_rr_get_interval_time64",
        // Time, except setting the clock.
        "time times gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 nanosleep",
        "clock_nanosleep clock_nanosleep_time64 alarm getitimer setitimer timer_create timer_delete timer_settime",
        "timer_settime64 timer_gettime timer_gettime64 timer_getoverrun timerfd_create timerfd_settime",
        "timerfd_settime64 timerfd_gettime timerfd_gettime64")

    private static let highOperations = words(
        "IORING_OP_SOCKET IORING_OP_CONNECT IORING_OP_BIND IORING_OP_LISTEN IORING_OP_ACCEPT")

    private static let lowOperations = words(
        "IORING_OP_NOP IORING_OP_NOP128 IORING_OP_TIMEOUT IORING_OP_TIMEOUT_REMOVE IORING_OP_LINK_TIMEOUT",
        "IORING_OP_MADVISE IORING_OP_FUTEX_WAIT IORING_OP_FUTEX_WAKE IORING_OP_FUTEX_WAITV")

    private static func words(_ lines: String...) -> Set<String> {
        Set(lines.flatMap { $0.split(separator: " ").map(String.init) })
    }
}
