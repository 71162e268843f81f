// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// A C program of the tests, compiled once a run of the tests.
package enum TestProgram: String {
    /// `Programs/probe.c`, for the machine's own ABI.
    case probe
    /// The same for the 32-bit ABI; needs a 32-bit C library (gcc-multilib).
    case probe32
    /// `Programs/errno.c`: prints what each call answers; needs `write` and `exit_group` alone.
    case errno
    /// The same for the 32-bit ABI.
    case errno32
    /// `Programs/trap.c`: dies before its first call.
    case trap
    /// `Programs/network.c`: uses the addresses that it is given.
    case network
    /// `Programs/client.c`: a client of the control socket that does not behave.
    case client
    /// `Programs/load.c`: executes a command under a raw filter.
    case load
    /// `Programs/steady.c`: loads filters and goes on.
    case steady

    private var source: String {
        switch self {
        case .probe, .probe32: "probe.c"
        case .errno, .errno32: "errno.c"
        case .trap: "trap.c"
        case .network: "network.c"
        case .client: "client.c"
        case .load: "load.c"
        case .steady: "steady.c"
        }
    }

    private var flags: [String] {
        switch self {
        case .probe, .network, .steady: ["-pthread"]
        case .client, .load: []
        case .probe32: ["-pthread", "-m32"]
        case .errno, .trap: Self.bare
        case .errno32: Self.bare + ["-m32"]
        }
    }

    /// Names this run of the tests. Process ids come again, and an earlier run's program may not know what it is told.
    private static let run = "\(getpid())-\(UInt32.random(in: 0 ... .max))"

    /// Without a C library.
    private static let bare = ["-nostdlib", "-ffreestanding", "-fno-stack-protector", "-fno-pie", "-no-pie"]

    /// Path of the compiled program; nil if it cannot be compiled here. RINGFENCE_TEST_PROGRAMS names a directory that
    /// has it already, for machines without a compiler.
    package var path: String? {
        if let directory = ProcessInfo.processInfo.environment["RINGFENCE_TEST_PROGRAMS"] {
            return "\(directory)/\(rawValue)"
        }
        let directory = "/tmp/ringfence-tests-\(getuid())"
        let path = "\(directory)/\(rawValue)-\(Self.run)"
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let file = String(#filePath.dropLast("TestProgram.swift".count)) + "Programs/\(source)"
        // Under another name first: a test that runs beside this one must not execute half a file.
        let fresh = "\(path)-\(UInt32.random(in: 0 ... .max))"
        let compile = try? Shell.run(
            ["gcc"] + flags + ["-O1", "-static", "-Wall", "-Werror", "-o", fresh, file])
        guard compile?.status == 0, unsafe rename(fresh, path) == 0 else { return nil }
        return path
    }
}
