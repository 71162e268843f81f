// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform
import Profiles
import Recorder
import Seccomp
import Sensor

/// Starts a container under seccomp profiles, one after the other, each watched and asked whether it works.
struct ContainerTrial {
    let run: EngineRun
    let question: ContainerCheck.Question

    /// Starts it under one profile, until it ends. Throws where nothing could be learned from that: no root, no engine.
    func verify(_ profile: OCISeccompProfile) throws(CommandFailure) -> Verification {
        let directory = try Self.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = directory + "/seccomp.json"
        do { try AtomicFile.write(Array(try profile.encoded()), to: file) } catch { throw .cannotCreate("\(error)") }
        // runc wants the bundle to be a directory of its own.
        let command = try run.command(seccomp: file, in: directory)
        // What is there already is somebody's: it is neither verified nor, at the end, removed.
        guard ProgramAnswer.of(run.inspection, through: directory + "/answer") == nil else {
            throw .usage(
                "there is a container \(HostileText.escaped(run.name)) already: give another name, or remove it")
        }
        defer { _ = ProgramAnswer.of(run.removal, through: directory + "/answer") }
        let check = ContainerCheck(question, of: run, in: directory)
        defer { check.end() }
        var request = RecordingRequest(
            target: .container(pattern: run.name, waits: false, command: command))
        request.watchesDenials = true
        request.countsCalls = false
        let result = try RecordCommand.record(
            request, line: LiveLine(quiet: true, commandOwnsTerminal: true), report: check.proceed)
        guard !result.wasInterrupted else {
            throw CommandFailure("interrupted: nothing is said of the profile", exitCode: 130)
        }
        guard check.isFiltered != false else {
            throw .data("the container runs without a seccomp filter: its engine has not taken the profile")
        }
        if result.missing.contains(where: { $0.program == .sysExit }) { throw VerifyCommand.cannotSee(result) }
        var verification = Verification(
            result, profile: profile, check: check.outcome, isAsked: question.command != nil,
            wasStopped: check.hasStopped)
        var environment =
            result.profiles.first?.environments.first ?? ProfileEnvironment(kernel: HostEnvironment.kernel)
        if let libc = check.libc { environment.libc = libc }
        if run.engine == .runc || run.engine == .crun { environment.runtime = run.engine.rawValue }
        // "runc version 1.1.5+ds1", "crun version 1.8.1"
        if let runtime = environment.runtime, !runtime.contains(" "),
            let answer = ProgramAnswer.of([runtime, "--version"], through: directory + "/answer"),
            let version = answer.split(separator: "\n").first?.split(separator: " ").last
        {
            environment.runtime = "\(runtime) \(HostileText.escaped(String(version)))"
        }
        verification.environment = environment
        return verification
    }

    private static func makeDirectory() throws(CommandFailure) -> String {
        var template = Array("/tmp/ringfence-verify-XXXXXX".utf8CString)
        // SAFETY: the template is ours and ends with a NUL; mkdtemp(3) writes within it.
        guard unsafe mkdtemp(&template) != nil else {
            throw .cannotCreate("cannot make a directory in /tmp: \(SystemError.message(errno))")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
