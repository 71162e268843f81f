// SPDX-License-Identifier: Apache-2.0

/// Calls that every profile treats alike, beside those that are always allowed.
enum CallLists {
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
