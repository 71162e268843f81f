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
    /// Whether its first process has a seccomp filter; nil if nobody could look.
    private(set) var isFiltered: Bool?
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
            isFiltered = processID.flatMap(Self.isFiltered)
            if question.command == nil { stage = .lasting } else { ask(now) }
        case .asking(let child):
            guard let status = child.endedExitCode() else {
                guard isOverdue(now) else { return }
                Self.kill(child)
                outcome = .failed("it did not succeed within \(NumberText.seconds(question.patience)) (--patience)")
                return stop(now)
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

    /// Ends what asks still. To be called once the container has ended.
    func end() {
        guard case .asking(let child) = stage else { return }
        Self.kill(child)
        outcome = .failed("the container ended before it was answered")
    }

    /// It leads a session of its own: what it has started goes with it.
    private static func kill(_ child: ChildProcess) {
        _ = Glibc.kill(-child.pid, SIGKILL)
        _ = child.endedExitCode()
    }

    /// Whether a process has a seccomp filter: mode 2, proc(5).
    private static func isFiltered(_ process: Int32) -> Bool? {
        guard let bytes = try? FileBytes.read("/proc/\(process)/status", limit: 1 << 16),
            let line = bytes.split(separator: 0x0A).first(where: { $0.starts(with: Array("Seccomp:".utf8)) })
        else { return nil }
        return String(decoding: line, as: UTF8.self).hasSuffix("2")
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
        let shell = ["setsid", "/bin/sh", "-c", "out=$1; shift; exec \"$@\" </dev/null >\"$out\" 2>&1", "sh", output]
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
