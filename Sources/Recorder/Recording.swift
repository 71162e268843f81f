// SPDX-License-Identifier: Apache-2.0
import Containers
import Events
import FoundationEssentials
import Glibc
package import Platform
import Profiles
import Sensor

/// One recording: attaches, starts or finds the target, waits for its end and reads out what the kernel kept. Used by
/// one thread, which is the one that blocked the signals.
package final class Recording {
    /// Signals that end a recording or are passed on to the command; to be blocked first thing in `main`.
    package static let signals: [CInt] = [
        SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD, SIGTSTP, SIGCONT, SIGWINCH,
    ]

    let request: RecordingRequest
    let hierarchy: CgroupHierarchy
    var notes: [String] = []
    private let signals: SignalQueue
    private let clock = BootClock()
    /// When everything was attached: what that took is not part of `--for`.
    private var began = BootClock.now
    private let start = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
    private var firstUses: [FirstUse: Date] = [:]
    private var lastNew: (call: String, executable: String)?
    private var child: ChildProcess?
    private var names: NameBook?
    private var exitCode: CInt?
    private var interrupts = 0
    private var wasInterrupted = false
    private var isStopped = false
    private var partial: [String] = []

    /// Prepares a recording; nothing is attached yet. Takes the queue of `signals`.
    package init(_ request: RecordingRequest, signals: consuming SignalQueue) throws(RecorderError) {
        guard geteuid() == 0 else {
            throw .permission("recording needs root: run it with sudo, or as root with CAP_BPF and CAP_PERFMON")
        }
        self.request = request
        self.signals = signals
        do { hierarchy = try CgroupHierarchy.detect() } catch { throw .unavailable(error.description) }
    }

    /// Records until the target has ended, the time is over, or it is told to stop. `report` is called a few times a
    /// second.
    package func run(_ report: (RecordingProgress) -> Void) throws(RecorderError) -> RecordingResult {
        let target = try RecordedTarget(request, in: hierarchy)
        defer { target.release() }
        let sensor = try attach(try target.configuration(for: request, in: hierarchy))
        guard !sensor.isFallback || target.isOneCgroup else {
            throw .unavailable(
                "this kernel only allows recording calls per cgroup (Linux 5.12 is needed for more): "
                    + "record a command, a --cgroup or a --unit")
        }
        if request.watchesPeers, !sensor.watchesPeers {
            notes.append("network peers are not recorded: \(Self.lackOfPeers(sensor))")
        } else if request.watchesPeers, request.readsNames, !sensor.readsNames {
            let missing = sensor.programs.first { SensorProgram.names.contains($0.program) && $0.missing != nil }
            notes.append("addresses are recorded without names: \(missing?.missing ?? "DNS messages are not read")")
        }
        // A command is started with our own resolvers, and may have ended when they are looked for.
        names = NameBook(sensor, hierarchy, standIn: target.ownCgroup == nil ? nil : UInt32(getpid()))
        try target.begin(sensor)
        began = BootClock.now
        // Said before a command is started: from here on every first call is seen, and whoever waits may go on.
        report(withNotes(RecordingProgress(), of: target))
        if let command = request.command { child = try start(command, in: target) }
        while !isOver(target, sensor) {
            wait(sensor.recordDescriptor)
            takeSignals()
            if let child, exitCode == nil { exitCode = child.endedExitCode() }
            try take(sensor, target)
            report(withNotes(progress(sensor, target), of: target))
        }
        try take(sensor, target)
        return try finish(sensor, target)
    }

    /// `progress` with what there is to say now, which is said once.
    private func withNotes(_ progress: RecordingProgress, of target: RecordedTarget) -> RecordingProgress {
        var progress = progress
        target.sayNotes(&notes)
        progress.notes = notes
        notes = []
        return progress
    }

    /// Why addresses are not watched although somebody asked for it.
    private static func lackOfPeers(_ sensor: Sensor) -> String {
        if sensor.isFallback { return "only the program for old kernels works" }
        let missing = sensor.programs.first { SensorProgram.network.contains($0.program) && $0.missing != nil }
        return missing?.missing ?? "that needs cgroup v2"
    }

    private func attach(_ configuration: SensorConfiguration) throws(RecorderError) -> Sensor {
        do { return try Sensor(configuration) } catch {
            throw error.errno == EPERM || error.errno == EACCES
                ? .permission(error.description) : .unavailable(error.description)
        }
    }

    private func start(_ command: [String], in target: RecordedTarget) throws(RecorderError) -> ChildProcess {
        var start = ChildProcess.Request(
            arguments: command, environment: ProcessEnvironment.words(for: request.user))
        start.cgroupProcesses = target.ownCgroup?.processes
        start.user = request.user
        start.filter = request.filter
        do { return try ChildProcess.start(start) } catch {
            throw RecorderError(error.description, exitCode: error.exitCode)
        }
    }

    private func isOver(_ target: RecordedTarget, _ sensor: Sensor) -> Bool {
        if isStopped { return true }
        if let seconds = request.seconds, BootClock.now - began >= seconds { return true }
        guard request.command != nil else { return target.hasEnded(sensor) }
        guard exitCode != nil else { return false }
        if request.endsWithCommand || target.ownCgroup == nil { return true }
        if target.ownCgroup?.isPopulated == false { return true }
        if !saidLingering {
            saidLingering = true
            notes.append(
                "the command has ended, but processes that it started still run and are recorded: "
                    + "Ctrl-C ends the recording (--until exit does not wait for them)")
        }
        return false
    }
    private var saidLingering = false

    private func wait(_ records: CInt) {
        var waiting = [
            pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: records, events: Int16(POLLIN), revents: 0),
        ]
        // Without a command the end of the target is looked for, not signalled.
        let milliseconds: CInt = exitCode == nil ? 100 : 20
        _ = unsafe poll(&waiting, nfds_t(waiting.count), milliseconds)
    }

    private func takeSignals() {
        while let signal = signals.take() {
            switch signal.number {
            case SIGCHLD, SIGWINCH: continue
            case SIGCONT: if !signal.fromTerminal { child?.send(SIGCONT) }
            case SIGTSTP:
                // The command was stopped by the same key; stop as the shell expects of a whole job.
                if signal.fromTerminal { _ = kill(getpid(), SIGSTOP) } else { child?.send(SIGTSTP) }
            case SIGINT: interrupt(signal)
            default:
                if [SIGTERM, SIGHUP, SIGQUIT].contains(signal.number) { wasInterrupted = true }
                guard let child, exitCode == nil else {
                    isStopped = true
                    continue
                }
                if !signal.fromTerminal { child.send(signal.number) }
            }
        }
    }

    /// The first Ctrl-C is the command's: it has received it too. The second ends the recording at once.
    private func interrupt(_ signal: SignalQueue.Arrival) {
        interrupts += 1
        wasInterrupted = true
        guard let child, exitCode == nil else {
            isStopped = true
            return
        }
        if !signal.fromTerminal { child.send(SIGINT) }
        guard interrupts > 1 else { return }
        isStopped = true
        exitCode = 130
        partial.append("it was interrupted twice: the command was still running when the recording ended")
        notes.append("stopped recording; the command (process \(child.pid)) still runs")
    }

    private func take(_ sensor: Sensor, _ target: RecordedTarget) throws(RecorderError) {
        let records: [Record]
        do { records = try sensor.drainRecords() } catch { throw .unavailable(error.description) }
        for record in records {
            target.see(record)
            if record.kind == .dns { names?.take(record) }
            guard let use = FirstUse(record) else { continue }
            firstUses[use] = clock.date(ofNanoseconds: record.timeNanoseconds)
            guard target.includes(record) else { continue }
            let call =
                use.abi.map { SyscallTable.table($0).name(use.number) } ?? IOUringOperation.name(use.number)
            lastNew = (call, record.path)
        }
    }

    private func progress(_ sensor: Sensor, _ target: RecordedTarget) -> RecordingProgress {
        var progress = RecordingProgress()
        progress.seconds = BootClock.now - began
        let slots = target.slots(of: sensor.slots)
        let indices = Set(slots.map(\.index))
        progress.tasks = slots.filter { $0.root == $0.index }.reduce(0) { $0 + max(0, $1.liveWorkload) }
        progress.calls =
            Set(
                firstUses.keys.lazy.filter { sensor.slot(ofSub: $0.sub).map(indices.contains) ?? false }
                    .map { FirstUse(sub: 0, phase: .workload, abi: $0.abi, number: $0.number) }
            ).count
        progress.lastNew = lastNew
        return progress
    }

    private func finish(_ sensor: Sensor, _ target: RecordedTarget) throws(RecorderError) -> RecordingResult {
        var facts = RecordedFacts(sensor, isCounted: request.countsCalls, firstUses: firstUses)
        if let names { facts.names = names.names(of: facts.slots.map(\.cgroupID)) }
        let end = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.up))
        var profiles = try target.profiles(facts, start: start, end: end, reasons: partial)
        for index in profiles.indices { profiles[index].window.units = [ProfileWindow.newUnit()] }
        let subs = Dictionary(uniqueKeysWithValues: facts.subs.map { ($0.index, $0) })
        let denials = facts.denials.filter { denial in
            guard let sub = subs[denial.sub] else { return false }
            return target.slots(of: facts.slots).contains { $0.index == sub.slot }
        }
        target.sayNotes(&notes)
        if let child, exitCode == nil {
            notes.append("the recording is over; the command (process \(child.pid)) still runs")
        }
        if exitCode == 128 + SIGSYS {
            notes.append("the command was killed by SIGSYS: a seccomp filter kills for a call that it refuses")
        }
        return RecordingResult(
            profiles: profiles, commandExitCode: exitCode, wasInterrupted: wasInterrupted,
            missing: facts.missing, mapBytes: sensor.mapBytes,
            denials: denials.map { ($0, subs[$0.sub]?.path ?? "") }, notes: notes)
    }
}
