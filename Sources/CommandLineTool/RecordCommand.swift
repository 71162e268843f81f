// SPDX-License-Identifier: Apache-2.0
import Platform
import Profiles
import Recorder

/// `ringfence record`: watches a target and writes what it does.
enum RecordCommand {
    static func run(_ words: [String]) throws(CommandFailure) -> Int32 {
        let arguments = try ParsedArguments(words, options: RecordOptions.all)
        if arguments.has("--help") {
            Terminal.output.write(Usage.of(.record))
            return 0
        }
        let options = try RecordOptions(arguments)
        let output = try ProfileOutput(options)
        if case .command(let command) = options.request.target, let warning = EngineClient.warning(command) {
            Terminal.error.line("ringfence: warning: \(warning)")
        }
        let result = try record(options)
        for note in result.notes where !options.isQuiet { Terminal.error.line("ringfence: \(note)") }
        guard !result.profiles.isEmpty else {
            throw CommandFailure("nothing was recorded: no container matched while the recording ran", exitCode: 69)
        }
        var exitCode = result.commandExitCode ?? 0
        // The command's standard output is its own: the summary goes beside it.
        let terminal = options.request.command == nil ? Terminal.output : Terminal.error
        for profile in result.profiles {
            let written = try output.write(profile, of: result.profiles.count)
            if !options.isQuiet {
                RecordReport(written, options: options).print(on: terminal)
            }
        }
        _ = exitCode
        exitCode = result.commandExitCode ?? 0
        return exitCode
    }

    private static func record(_ options: RecordOptions) throws(CommandFailure) -> RecordingResult {
        let signals: SignalQueue
        do { signals = try SignalQueue(Recording.signals) } catch {
            throw CommandFailure(error.description, exitCode: 71)
        }
        var line = LiveLine(
            quiet: options.isQuiet, commandOwnsTerminal: options.request.command != nil && Terminal.output.isInteractive)
        do {
            let recording = try Recording(options.request, signals: signals)
            let result = try recording.run { line.show($0) }
            line.clear()
            return result
        } catch {
            line.clear()
            throw CommandFailure(error.description, exitCode: error.exitCode)
        }
    }
}
