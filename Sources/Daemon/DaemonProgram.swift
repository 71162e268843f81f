// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import Sensor

/// What `ringfenced` does with its command line.
package enum DaemonProgram {
    static let usage = """
        usage: ringfenced [--config FILE]     run in the foreground until a signal ends it
               ringfenced --check [FILE]      say whether a configuration is good, and what it comes to
               ringfenced --detach            take everything off that a killed daemon left attached
               ringfenced --default-config    print the commented default configuration
               ringfenced --version | --help

        The configuration is /etc/ringfence/ringfence.conf and ringfence.conf.d/*.conf beside it; none is needed.
        """

    /// Runs; returns the exit code (sysexits.h).
    package static func run(_ arguments: [String]) -> Int32 {
        let words = Array(arguments.dropFirst())
        switch words.first {
        case nil: return serve(nil)
        case "--config"?:
            guard words.count == 2 else { return refuse("--config takes one file") }
            return serve(words[1])
        case "--check"?:
            guard words.count <= 2 else { return refuse("--check takes one file, or none") }
            let outcome = ConfigurationCheck.run(words.dropFirst().first)
            write(outcome.output, to: STDOUT_FILENO)
            write(outcome.errors, to: STDERR_FILENO)
            return outcome.exitCode
        case "--default-config"?:
            write(ConfigurationCheck.defaultFile, to: STDOUT_FILENO)
            return 0
        case "--detach"?: return detach()
        case "--version"?, "-V"?:
            write("ringfenced \(ProgramVersion.text)\n", to: STDOUT_FILENO)
            return 0
        case "--help"?, "-h"?:
            write(usage + "\n", to: STDOUT_FILENO)
            return 0
        case let word?: return refuse("there is no option \(HostileText.escaped(word)); see ringfenced --help")
        }
    }

    private static func serve(_ path: String?) -> Int32 {
        let read = ConfigurationReader.read(
            path ?? ConfigurationCheck.defaultPath, isOptional: path == nil)
        guard read.flaws.isEmpty else {
            for flaw in read.flaws { write("ringfenced: \(flaw.description)\n", to: STDERR_FILENO) }
            return 78
        }
        do {
            return try HostDaemon(read.configuration, configurationPath: path ?? ConfigurationCheck.defaultPath).run()
        } catch {
            write("ringfenced: \(error.description)\n", to: STDERR_FILENO)
            return error.exitCode
        }
    }

    private static func detach() -> Int32 {
        guard geteuid() == 0 else {
            write("ringfenced: only root can detach the programs; use sudo\n", to: STDERR_FILENO)
            return 77
        }
        let pins = PinDirectory(PinDirectory.standard)
        if FileTree.exists(pins.path) {
            do {
                let lock = try HostDaemon.lockPins()
                let result = remove(pins)
                _ = consume lock
                return result
            } catch {
                write("ringfenced: \(error.description)\n", to: STDERR_FILENO)
                return error.exitCode
            }
        }
        return remove(pins)
    }

    private static func remove(_ pins: PinDirectory) -> Int32 {
        guard pins.removeAll() else {
            write(
                "ringfenced: cannot remove \(PinDirectory.standard): \(SystemError.message(errno)); look into it by hand\n",
                to: STDERR_FILENO)
            return 74
        }
        return 0
    }

    private static func refuse(_ reason: String) -> Int32 {
        write("ringfenced: \(reason)\n", to: STDERR_FILENO)
        return 64
    }

    private static func write(_ text: String, to descriptor: CInt) {
        let bytes = Array(text.utf8)
        // SAFETY: the kernel reads the buffer within the call.
        _ = unsafe Glibc.write(descriptor, bytes, bytes.count)
    }
}
