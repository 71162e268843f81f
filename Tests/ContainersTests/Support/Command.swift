// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Runs a program for a test and collects what it printed.
struct Command {
    let status: Int32
    /// Standard output and standard error, in the order of writing.
    let output: String

    /// Runs `arguments` (the first is looked up in PATH) to its end. `environment` adds to this process's own.
    static func run(_ arguments: [String], environment: [String: String] = [:]) -> Command {
        var ends: [Int32] = [0, 0]
        // SAFETY: pipe2 writes two descriptors into an array of two.
        guard unsafe pipe(&ends) == 0 else { return Command(status: -1, output: "no pipe") }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        unsafe posix_spawn_file_actions_addclose(&actions, ends[0])
        unsafe posix_spawn_file_actions_addclose(&actions, ends[1])
        let variables =
            ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"] + environment.map { "\($0.key)=\($0.value)" }
        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe variables.map { unsafe strdup($0) } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        var pid: pid_t = 0
        // SAFETY: both arrays end with NULL and own their strings until after the spawn.
        let failure = unsafe posix_spawnp(&pid, arguments[0], &actions, nil, &argv, &envp)
        close(ends[1])
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while failure == 0 {
            let count = unsafe read(ends[0], &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[0..<count]
        }
        close(ends[0])
        guard failure == 0 else { return Command(status: -failure, output: "cannot run \(arguments[0])") }
        var status: Int32 = 0
        unsafe waitpid(pid, &status, 0)
        let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        return Command(status: code, output: String(decoding: bytes, as: UTF8.self))
    }
}
