// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Platform
import Recorder
import Seccomp
import Sensor

/// `ringfence verify`: runs a command or a container under a seccomp profile, watches, and lists every call that was denied.
enum VerifyCommand: Verb {
    static let options = ProfiledCommand.options(
        and: .init(
            "--check", value: "COMMAND",
            help: "of a container: works once this succeeds (in sh, on this host); then it ends"),
        .init("--patience", value: "DURATION", help: "how long the check may take to succeed (30s)"),
        .init("--for", value: "DURATION", help: "without --check: end the container after 30s, 5m, ..."),
        .init("--bisect", help: "if the container does not work: find which calls have to be allowed"),
        .init("--junit", value: "FILE", help: "also write the result as JUnit does"),
        .init("--no-mark", help: "do not note beside the profile that a container works under it"),
        .init("--format", value: "table|json", help: "form of the result"),
        .init("--quiet", "-q", help: "only the exit code"))

    static var help: String { Usage.of(.verify) }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        let isJSON = try arguments.choice("--format", of: ["table", "json"]) == "json"
        let profiled = try ProfiledCommand(arguments, verb: "verify")
        let began = BootClock.now
        let container = try EngineRun(profiled.command)
        let verification =
            if let container { try verify(container, profiled, arguments) } else { try verify(profiled, arguments) }
        if !arguments.has("--quiet") {
            for line in isJSON ? [verification.json] : verification.lines(on: .error) { Terminal.error.line(line) }
        }
        if let file = try arguments.value("--junit") {
            let report = JUnitReport(
                suite: HostileText.escaped(profiled.path), seconds: BootClock.now - began, cases: verification.cases)
            do { try AtomicFile.write(Array(report.text.utf8), to: file, owner: .sudoCaller) } catch {
                throw .cannotCreate(error.description)
            }
        }
        if let container { try mark(verification, of: container, profiled, arguments) }
        return verification.exitCode
    }

    /// A command of this host.
    private static func verify(
        _ profiled: ProfiledCommand, _ arguments: ParsedArguments
    ) throws(CommandFailure) -> Verification {
        for name in ["--check", "--patience", "--for"] where try arguments.value(name) != nil {
            throw .usage("\(name) is about a container: give -- docker run ..., podman run ... or runc run ...")
        }
        for name in ["--bisect", "--no-mark"] where arguments.has(name) {
            throw .usage("\(name) is about a container: give -- docker run ..., podman run ... or runc run ...")
        }
        var request = RecordingRequest(target: .command(profiled.command))
        request.user = profiled.user
        request.filter = profiled.input.filter.program
        request.watchesDenials = true
        request.countsCalls = false
        let result = try RecordCommand.record(request, line: LiveLine(quiet: true, commandOwnsTerminal: true))
        if result.missing.contains(where: { $0.program == .sysExit }) { throw cannotSee(result) }
        return Verification(result, profile: profiled.input.profile)
    }

    /// A container that an engine starts, which is asked whether it works.
    private static func verify(
        _ run: EngineRun, _ profiled: ProfiledCommand, _ arguments: ParsedArguments
    ) throws(CommandFailure) -> Verification {
        var question = ContainerCheck.Question()
        question.command = try arguments.value("--check")
        let patience = try arguments.seconds("--patience")
        question.patience = patience ?? question.patience
        question.lasting = try arguments.seconds("--for")
        guard try arguments.value("--user") == nil else {
            throw .usage("--user is about a command: a container is started as root, by root's engine")
        }
        guard question.command != nil || patience == nil else {
            throw .usage("--patience is about a check: give --check COMMAND, too")
        }
        guard question.command == nil || question.lasting == nil else {
            throw .usage("--check and --for exclude one another: the container ends once its check has passed")
        }
        let trial = ContainerTrial(run: run, question: question)
        var verification = try trial.verify(profiled.input.profile)
        if arguments.has("--bisect"), !verification.works {
            verification.mending = try ContainerMending(
                of: profiled.input.profile, failed: verification, by: trial.verify)
        }
        return verification
    }

    /// Notes beside the profile that a container works under it.
    private static func mark(
        _ verification: Verification, of run: EngineRun, _ profiled: ProfiledCommand, _ arguments: ParsedArguments
    ) throws(CommandFailure) {
        guard verification.exitCode == 0, !arguments.has("--no-mark"), let environment = verification.environment else {
            return
        }
        let time = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down)).formatted(.iso8601)
        let trial = VerifiedMark.Trial(
            time: time, engine: run.engine.rawValue, environment: environment, check: try arguments.value("--check"))
        try VerifiedMark.add(trial, to: profiled.path, tried: profiled.input.digest)
    }

    /// Why nothing can be said where `sys_exit` cannot be watched.
    static func cannotSee(_ result: RecordingResult) -> CommandFailure {
        CommandFailure(
            "denied calls cannot be seen on this kernel (\(result.missing.map { $0.missing ?? "" }.joined(separator: ", ")))",
            exitCode: 69)
    }
}
