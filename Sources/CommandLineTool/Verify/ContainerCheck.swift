// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import Recorder

/// Asks a container that was started whether it works: has the user's command ask again and again until it succeeds, and
/// then has the container end. Told a few times a second how things stand.
final class ContainerCheck {
    /// What came of it.
    enum Outcome: Equatable {
        /// There was nothing to ask, or the container ended before it could be asked.
        case unasked
        case passed
        /// With the last words of the command, printable.
        case failed(String)
    }

    private enum Stage {
        case waiting
        case asking(ChildProcess)
        case pausing(until: Double)
        case lasting
        case stopping(since: Double, isForced: Bool)
    }

    private(set) var outcome = Outcome.unasked
    /// The C library of the container's first process, where it could be told.
    private(set) var libc: String?
    /// Whether the container was told to end: how its process then ended says nothing.
    private(set) var hasStopped = false

    private let run: EngineRun
    private let question: Question
    private let directory: String
    private var stage = Stage.waiting
    private var began: Double?
    private var stopper: ChildProcess?

    /// What is asked, and for how long.
    struct Question {
        /// A command line for sh(1); nil: the container is left alone.
        var command: String?
        /// Seconds that the command has until it must have succeeded once, from the container's first program on.
        var patience = 30.0
        /// Without a command: seconds after which the container is told to end; nil waits for its own end.
        var lasting: Double?
    }

    /// `directory` is for the command's output.
    init(_ question: Question, of run: EngineRun, in directory: String) {
        self.question = question
        self.run = run
        self.directory = directory
    }

    /// Does what is next. `progress` is of the recording of the container.
    func proceed(_ progress: RecordingProgress) {
        let now = BootClock.now
        switch stage {
        case .waiting:
            guard progress.tasks > 0 else { return }
            began = now
            if question.command == nil { stage = .lasting } else { ask(now) }
        case .asking(let child):
            guard let status = child.endedExitCode() else {
                if isOverdue(now) { child.send(SIGKILL) }
                return
            }
            if status == 0 {
                outcome = .passed
                stop(now)
            } else {
                outcome = .failed(lastWords(status))
                if isOverdue(now) { stop(now) } else { stage = .pausing(until: now + 0.3) }
            }
        case .pausing(let until): if now >= until { ask(now) }
        case .lasting: if let began, let lasting = question.lasting, now >= began + lasting { stop(now) }
        case .stopping(let since, let isForced):
            _ = stopper?.endedExitCode()
            guard !isForced, now >= since + 15 else { return }
            stopper = start(run.stop(isPatient: false))
            stage = .stopping(since: now, isForced: true)
        }
    }

    private func isOverdue(_ now: Double) -> Bool { now >= (began ?? now) + question.patience }

    private func ask(_ now: Double) {
        let command = question.command ?? ":"
        guard let child = start(["/bin/sh", "-c", command], output: directory + "/check") else {
            outcome = .failed("cannot start sh")
            return stop(now)
        }
        stage = .asking(child)
    }

    private func stop(_ now: Double) {
        libc = processID.flatMap { ContainerLibc.name(ofProcess: $0) }
        hasStopped = true
        stopper = start(run.stop(isPatient: true))
        stage = .stopping(since: now, isForced: false)
    }

    private var processID: Int32? {
        guard let answer = ProgramAnswer.of(run.inspection, through: directory + "/answer"),
            let found = answer.firstRange(of: "\"pid\": ")
        else { return nil }
        return Int32(answer[found.upperBound...].prefix(while: \.isNumber))
    }

    private func start(_ words: [String], output: String = "/dev/null") -> ChildProcess? {
        let shell = ["/bin/sh", "-c", "out=$1; shift; exec \"$@\" </dev/null >\"$out\" 2>&1", "sh", output]
        let process = processID.map { "\($0)" } ?? ""
        let environment =
            ProcessEnvironment.words(for: nil) + ["RINGFENCE_CONTAINER=\(run.name)", "RINGFENCE_PID=\(process)"]
        return try? ChildProcess.start(ChildProcess.Request(arguments: shell + words, environment: environment))
    }

    private func lastWords(_ status: CInt) -> String {
        let bytes = (try? FileBytes.read(directory + "/check", limit: 1 << 20)) ?? []
        let last = bytes.split(separator: 0x0A).last.map { HostileText.escaped($0.prefix(300)) }
        return last ?? "exit status \(status)"
    }
}
