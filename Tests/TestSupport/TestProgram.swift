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

    /// Path of the compiled program; nil if it cannot be compiled here. RINGFENCE_TEST_PROGRAMS names a directory that
    /// has it already, for machines without a compiler.
    package var path: String? {
        if let directory = ProcessInfo.processInfo.environment["RINGFENCE_TEST_PROGRAMS"] {
            return "\(directory)/\(rawValue)"
        }
        let directory = "/tmp/ringfence-tests-\(getuid())"
        let path = "\(directory)/\(rawValue)-\(getpid())"
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let source = String(#filePath.dropLast("TestProgram.swift".count)) + "Programs/probe.c"
        let flags = self == .probe32 ? ["-m32"] : []
        // Under another name first: a test that runs beside this one must not execute half a file.
        let fresh = "\(path)-\(UInt32.random(in: 0 ... .max))"
        let compile = try? Shell.run(
            ["gcc"] + flags + ["-O1", "-static", "-pthread", "-Wall", "-Werror", "-o", fresh, source])
        guard compile?.status == 0, unsafe rename(fresh, path) == 0 else { return nil }
        return path
    }
}
