// SPDX-License-Identifier: Apache-2.0
import Platform
import Profiles
import Recorder
import Seccomp

/// `ringfence record`: watches a target and writes what it does.
enum RecordCommand: Verb {
    static let options = RecordOptions.all
    static var help: String { Usage.of(.record) }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        let options = try RecordOptions(arguments)
        let output = try ProfileOutput(options)
        if case .command(let command) = options.request.target, let warning = EngineClient.warning(command) {
            Terminal.error.line("ringfence: warning: \(warning)")
        }
        let result = try record(
            options.request,
            line: LiveLine(
                quiet: options.isQuiet,
                commandOwnsTerminal: options.request.command != nil && Terminal.output.isInteractive))
        guard !result.profiles.isEmpty else {
            let status = result.commandExitCode ?? 0
            throw CommandFailure(
                "nothing was recorded: \(options.request.absence) while the recording ran"
                    + (status == 0 ? "" : ", and the command exited with \(status)"),
                exitCode: status == 0 ? 69 : status)
        }
        let empty = result.profiles.filter(\.isEmpty)
        let profiles = result.profiles.filter { !$0.isEmpty }
        var isWhole = true
        // The command's standard output is its own: the summary goes beside it.
        let terminal = options.request.command == nil ? Terminal.output : Terminal.error
        for profile in profiles {
            let written = try output.write(profile, of: profiles.count)
            let seccomp = try options.seccompFile(for: written, of: profiles.count).map {
                path throws(CommandFailure) in
                let output = try SeccompOutput(written.profile, options: try options.generator)
                try output.write(to: path)
                return (output, path)
            }
            if seccomp?.0.generated.allowsEverythingSeen == false { isWhole = false }
            if !options.isQuiet {
                RecordReport(written, seccomp: seccomp, options: options).print(on: terminal)
            }
        }
        let exitCode = result.commandExitCode ?? 0
        guard empty.isEmpty else {
            throw CommandFailure(Self.reason(empty), exitCode: exitCode == 0 ? 69 : exitCode)
        }
        if exitCode != 0 { return exitCode }
        return isWhole ? 0 : 1
    }

    /// Why targets have no profile: one that holds nothing would replace a better one, and allow nothing.
    private static func reason(_ empty: [BehaviourProfile]) -> String {
        let names = empty.map(\.target.name).joined(separator: ", ")
        let reasons = Set(empty.flatMap(\.window.partial)).sorted()
        let why =
            reasons.isEmpty
            ? ": it ended before its first, or nothing ran in it" : " (\(reasons.joined(separator: "; ")))"
        return "nothing was recorded of \(names), and no profile was written: no system call of it was seen\(why)"
    }

    /// Records, with `line` showing where it stands; `report` is told that, too.
    static func record(
        _ request: RecordingRequest, line: LiveLine, report: (RecordingProgress) -> Void = { _ in }
    ) throws(CommandFailure) -> RecordingResult {
        let signals: SignalQueue
        do { signals = try SignalQueue(Recording.signals) } catch {
            throw CommandFailure(error.description, exitCode: 71)
        }
        var line = line
        do {
            let recording = try Recording(request, signals: signals)
            let result = try recording.run {
                line.show($0)
                report($0)
            }
            line.clear()
            line.say(result.notes)
            return result
        } catch {
            line.clear()
            throw CommandFailure(error.description, exitCode: error.exitCode)
        }
    }
}
