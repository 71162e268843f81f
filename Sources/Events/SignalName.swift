// SPDX-License-Identifier: Apache-2.0

/// Signal names as x86 and Arm number them, see signal(7).
package enum SignalName {
    private static let names = NumberedNames(
        """
        1 SIGHUP
        2 SIGINT
        3 SIGQUIT
        4 SIGILL
        5 SIGTRAP
        6 SIGABRT
        7 SIGBUS
        8 SIGFPE
        9 SIGKILL
        10 SIGUSR1
        11 SIGSEGV
        12 SIGUSR2
        13 SIGPIPE
        14 SIGALRM
        15 SIGTERM
        16 SIGSTKFLT
        17 SIGCHLD
        18 SIGCONT
        19 SIGSTOP
        20 SIGTSTP
        21 SIGTTIN
        22 SIGTTOU
        23 SIGURG
        24 SIGXCPU
        25 SIGXFSZ
        26 SIGVTALRM
        27 SIGPROF
        28 SIGWINCH
        29 SIGIO
        30 SIGPWR
        31 SIGSYS
        """)

    /// The signal's name, `SIGCHLD`; 32...64 are `SIGRT_0`...`SIGRT_32`, counted as the kernel does (the C library keeps
    /// the first two for itself); `#N` for anything else.
    package static func name(_ signal: Int) -> String {
        if let name = names[signal] { return name }
        return (32...64).contains(signal) ? "SIGRT_\(signal - 32)" : "#\(signal)"
    }
}
