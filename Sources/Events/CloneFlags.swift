// SPDX-License-Identifier: Apache-2.0

/// The flags of clone(2), clone3(2), unshare(2) and setns(2): `linux/sched.h` of Linux 7.2.
package enum CloneFlags {
    /// Bit number and name.
    private static let names = NumberedNames(
        """
        7 CLONE_NEWTIME
        8 CLONE_VM
        9 CLONE_FS
        10 CLONE_FILES
        11 CLONE_SIGHAND
        12 CLONE_PIDFD
        13 CLONE_PTRACE
        14 CLONE_VFORK
        15 CLONE_PARENT
        16 CLONE_THREAD
        17 CLONE_NEWNS
        18 CLONE_SYSVSEM
        19 CLONE_SETTLS
        20 CLONE_PARENT_SETTID
        21 CLONE_CHILD_CLEARTID
        22 CLONE_DETACHED
        23 CLONE_UNTRACED
        24 CLONE_CHILD_SETTID
        25 CLONE_NEWCGROUP
        26 CLONE_NEWUTS
        27 CLONE_NEWIPC
        28 CLONE_NEWUSER
        29 CLONE_NEWPID
        30 CLONE_NEWNET
        31 CLONE_IO
        32 CLONE_CLEAR_SIGHAND
        33 CLONE_INTO_CGROUP
        34 CLONE_AUTOREAP
        35 CLONE_NNP
        36 CLONE_PIDFD_AUTOKILL
        37 CLONE_EMPTY_MNTNS
        """)

    /// The names of the set bits, ascending by bit; an unknown bit is `0x...`. The low seven bits are clone(2)'s
    /// termination signal, which comes last (`SIGCHLD`). Bit 7 is CLONE_NEWTIME, which clone(2) itself cannot be given.
    package static func names(_ flags: UInt64) -> [String] {
        var found = (7..<64).filter { flags & (1 << UInt64($0)) != 0 }
            .map { names[$0] ?? "0x" + String(UInt64(1) << UInt64($0), radix: 16) }
        let signal = Int(flags & 0x7F)
        if signal != 0 { found.append(SignalName.name(signal)) }
        return found
    }
}
