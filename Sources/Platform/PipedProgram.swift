// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// A program that we feed through its standard input. Its standard output goes to /dev/null, its standard error to us.
/// It leads a process group of its own, which is killed when the value dies.
package struct PipedProgram: ~Copyable {
    /// Process id; the id of its process group too.
    package let pid: Int32
    /// Its standard input.
    package let input: NonBlockingOutput
    private let message: Descriptor
    private var ended: CInt?
    private var isReleased = false

    /// The number to poll(2) for POLLIN: the program has written to standard error, or closed it.
    package var messageNumber: CInt { message.number }

    /// Starts `arguments`, the first of which is looked up in PATH, with `NAME=value` words as its environment. Returns
    /// when it has executed (posix_spawn(3)).
    package init(_ arguments: [String], environment: [String]) throws(SystemError) {
        let subject = HostileText.escaped(arguments.first ?? "")
        guard !arguments.isEmpty, !arguments.contains(where: { $0.utf8.contains(0) }) else {
            throw SystemError("start", subject, errno: EINVAL)
        }
        var started = rf_piped()
        var failure: CInt = 0
        withCStrings(arguments) { argv in
            withCStrings(environment) { envp in
                // SAFETY: both vectors end in NULL and live until the closures return; `started` is ours.
                failure = unsafe rf_start_piped(argv, envp, &started)
            }
        }
        guard failure == 0 else { throw SystemError("start", subject, errno: failure) }
        pid = started.pid
        input = NonBlockingOutput(owning: Descriptor(owning: started.input))
        message = Descriptor(owning: started.message)
    }

    /// What it has written to standard error and nobody has taken yet, at most `limit` bytes; empty if there is nothing
    /// now, nil once it has closed it.
    package func takeMessages(limit: Int) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: limit)
        // SAFETY: the pointer is into `chunk`, which has `limit` bytes and outlives the call.
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(message.number, $0.baseAddress, limit) }
        let failure = errno
        if count > 0 { return Array(chunk[..<count]) }
        return count < 0 && (failure == EAGAIN || failure == EINTR) ? [] : nil
    }

    /// How it ended, as a shell reports it (128 + signal for a killed one), or nil while it runs.
    package mutating func exitCode() -> CInt? {
        if let ended { return ended }
        var status: CInt = 0
        // SAFETY: `status` is ours for the length of the call.
        let waited = unsafe waitpid(pid, &status, WNOHANG)
        if waited == pid, rf_ended(status) != 0 { ended = rf_exit_code(status) }
        // Somebody else has waited for it: it has ended, and how is not known.
        if waited < 0, errno == ECHILD { ended = 255 }
        // What it started goes with it: now, before the number of its group can be given to anybody else.
        if ended != nil { _ = Glibc.kill(-pid, SIGKILL) }
        return ended
    }

    /// Kills it and every process of its group, at once.
    package func kill() { if ended == nil { _ = Glibc.kill(-pid, SIGKILL) } }

    /// Lets it go: when the value dies its input ends, and it is not killed. Whoever reaps our children reaps it.
    package mutating func release() { isReleased = true }

    deinit {
        guard ended == nil, !isReleased else { return }
        _ = Glibc.kill(-pid, SIGKILL)
        // A killed process ends at once, unless the kernel holds it in a device: it is not waited for longer than this.
        for _ in 0..<20 {
            guard waitpid(pid, nil, WNOHANG) == 0 else { return }
            usleep(1000)
        }
    }
}
