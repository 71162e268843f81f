// SPDX-License-Identifier: Apache-2.0

/// Calls that no generated filter allows without a decision.
package enum NeverAllow {
    /// How grave a call is.
    package enum Tier: Int { case never = 0, justified = 1, notable = 2 }

    private static let never: Set<String> = [
        "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kexec_load", "kexec_file_load",
        "init_module",
        "finit_module", "delete_module", "bpf", "perf_event_open", "userfaultfd", "open_by_handle_at", "iopl", "ioperm",
        "reboot", "swapon", "swapoff",
    ]
    private static let justified: Set<String> = [
        "mount", "umount", "umount2", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
        "mount_setattr", "unshare", "setns", "pivot_root", "chroot", "keyctl", "add_key", "request_key",
        "io_uring_setup", "io_uring_enter", "io_uring_register",
    ]

    /// The tier of a call, or nil for an ordinary one.
    package static func tier(of call: String) -> Tier? {
        never.contains(call) ? .never : justified.contains(call) ? .justified : nil
    }

    /// Why the call is on the list, in a few words.
    package static func reason(for call: String) -> String? {
        tier(of: call).map { $0 == .never ? "never needed in a deployed container" : "needs a written reason" }
    }
}
