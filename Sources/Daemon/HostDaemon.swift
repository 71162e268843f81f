// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import Detection
import FoundationEssentials
import Glibc
import Platform
import Profiles
import Sensor
import Synchronization

/// The daemon: everything made and joined, and the loop of the control thread, which is the process's first.
package final class HostDaemon {
    let configuration: Configuration
    let configurationPath: String?
    let sensor: Sensor
    let watch: WatchLoop
    let consumer: Consumer
    let trace: TraceStream
    let writer: AlertWriter
    let server: ControlServer
    let journal: DaemonJournal
    let host: AlertHost
    let wakeUps: WakeUps
    let started = Moment.now
    private let signals: SignalQueue
    private let pinLock: PinLock
    private let notifier: ServiceNotifier
    private var readings: [UInt64: UInt64] = [:]
    private var losses = Sensor.Losses.none
    private var nextSecond: UInt64 = 0
    private var nextSave: UInt64 = 0
    private var isStopping = false
    private var leavesPins = false

    /// Tables of what profiles allow: the kernel's map of them takes 512 bytes each.
    static let policies: UInt32 = 2048

    /// Starts everything but the threads. Call it first thing in `main`: it blocks the signals that it takes.
    package init(_ configuration: Configuration, configurationPath: String?) throws(DaemonError) {
        self.configuration = configuration
        self.configurationPath = configurationPath
        do {
            signals = try SignalQueue([SIGTERM, SIGINT, SIGHUP])
            wakeUps = try WakeUps()
        } catch { throw DaemonError(error.description, exitCode: 71) }
        _ = signal(SIGPIPE, SIG_IGN)
        notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment, pid: getpid())
        // The socket's lock comes before anything is attached: there is one daemon.
        do {
            server = try ControlServer(
                path: configuration.controlSocket, group: configuration.group, adminGroup: configuration.adminGroup)
        } catch { throw DaemonError(error.description, exitCode: error.exitCode) }
        do {
            if !FileTree.exists(configuration.stateDirectory) {
                try FileTree.makeDirectory(configuration.stateDirectory)
                _ = unsafe chmod(configuration.stateDirectory, 0o750)
            }
        } catch { throw DaemonError(error.description, exitCode: 73) }
        journal = DaemonJournal(auditPath: configuration.stateDirectory + "/audit.jsonl")
        let hierarchy: CgroupHierarchy
        do { hierarchy = try CgroupHierarchy.detect() } catch { throw DaemonError(error.description, exitCode: 69) }
        let keeper: ProfileKeeper
        do {
            keeper = try ProfileKeeper(
                stateDirectory: configuration.stateDirectory, rule: configuration.learningRule, now: Date())
        } catch { throw DaemonError(error.description, exitCode: 74) }
        pinLock = try Self.lockPins()
        do { sensor = try Sensor(configuration.sensor(hierarchy)) } catch {
            throw DaemonError(error.description, exitCode: error.errno == EPERM || error.errno == EACCES ? 77 : 69)
        }
        host = AlertHost.current()
        let scope = configuration.containerScope
        let board = WatchBoard()
        consumer = Consumer(sensor, wakeUps)
        trace = TraceStream(sensor, consumer.trace, wakeUps)
        writer = AlertWriter(
            sensor, output: consumer.output, board: board, sinks: configuration.sinks, host: host,
            unnamed: UnnamedContainers(scope: scope, own: try? hierarchy.ownCgroup()), wakeUps: wakeUps)
        watch = WatchLoop(
            sensor, Inventory(hierarchy: hierarchy, scope: scope), keeper, policies: Self.policies, board: board,
            writer: writer, journal: journal)
        for note in server.notes + keeper.notes { journal.say(note) }
    }

    /// There is one daemon on a machine, whatever directories it was given.
    static func lockPins() throws(DaemonError) -> PinLock {
        do { return try PinLock(PinDirectory(PinDirectory.standard)) } catch {
            switch error {
            case .held(let pid):
                throw DaemonError(
                    "ringfenced runs already, as process \(pid.map(String.init) ?? "unknown"); stop that one first",
                    exitCode: 75)
            case .system(let error):
                throw DaemonError(
                    error.description, exitCode: error.errno == EPERM || error.errno == EACCES ? 77 : 69)
            }
        }
    }

    /// Runs until a signal ends it. Returns the process's exit code.
    package func run() -> Int32 {
        let consumer = consumer
        let writer = writer
        do {
            let writing = try WorkerThread(named: "rf-writer") { writer.run() }
            let consuming = try WorkerThread(named: "rf-consumer") { consumer.run() }
            begin()
            loop()
            finish()
            consuming.join()
            writing.join()
        } catch {
            journal.say(error.description)
            return 71
        }
        for message in writer.outbox.takeAll() { if case .complaint(let text) = message { journal.say(text) } }
        journal.flush()
        return 0
    }

    private func begin() {
        let now = BootClock.nanoseconds
        report(previous: DaemonState.load(statePath))
        for status in sensor.programs {
            guard let reason = status.missing else { continue }
            journal.say("\(status.program.rawValue) is not attached: \(status.program.lossWithoutIt) (\(reason))")
        }
        watch.service(now: now)
        saveState(isOver: false)
        notifier.send(.ready, .status("watching \(watch.inventory.containers.count) containers"))
        journal.say("watching \(watch.inventory.containers.count) containers")
    }

    private func loop() {
        while !isStopping {
            wait()
            let now = BootClock.nanoseconds
            takeSignals()
            takeMessages(now)
            watch.service(now: now)
            if now >= nextSecond { everySecond(now) }
            server.serve(now: .now) { [self] request, peer in answer(request, peer) }
            trace.service(server)
        }
    }

    private func wait() {
        let now = BootClock.nanoseconds
        // What is due may have become so since: a name to be tried again, an epoch's end.
        let due = min(watch.deadline(now: now), nextSecond)
        var limit = due > now ? due - now : 0
        if let due = server.nextDeadline {
            let (seconds, attoseconds) = (due - .now).components
            let left =
                seconds < 0 || attoseconds < 0
                ? 0 : UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
            limit = min(limit, left)
        }
        DescriptorWait.wait(
            [wakeUps.control.descriptor, signals.descriptor, server.descriptor].map {
                PollInterest(descriptor: $0, wantsRead: true, wantsWrite: false)
            }, nanoseconds: limit)
        wakeUps.control.lower()
    }

    private func takeSignals() {
        while let signal = signals.take() {
            if signal.number == SIGHUP {
                reload(actor: nil)
                continue
            }
            isStopping = true
            // A service manager stops a daemon to start it again as often as to end it, and has a unit of its own that
            // detaches; whoever runs it by hand wants nothing left.
            leavesPins = signal.number == SIGTERM && notifier.path != nil
        }
    }

    private func takeMessages(_ now: UInt64) {
        for message in writer.outbox.takeAll() {
            switch message {
            case .lifecycle(let record): watch.take(record, now: now)
            case .session(let slot, let executable, let arguments):
                watch.noteSession(slot: slot, executable: executable, arguments: arguments)
            case .alert(let line, _, _): server.publish(Array(line.dropLast()), to: "alerts", now: .now) { _ in true }
            case .complaint(let text): journal.say(text)
            }
        }
    }

    private func everySecond(_ now: UInt64) {
        nextSecond = now + 1_000_000_000
        let maker = FindingMaker(sensor, now: .now)
        watch.passReadings(&readings, maker: maker)
        passLosses()
        guardPins()
        Heartbeat.send()
        if now >= nextSave {
            nextSave = now + 10_000_000_000
            saveState(isOver: false)
        }
        if notifier.watchdogInterval != nil, isAlive(now) { notifier.send(.watchdog) }
    }

    /// Whether every thread has moved within the last ten seconds.
    private func isAlive(_ now: UInt64) -> Bool {
        let beats = [
            wakeUps.consumerBeat.load(ordering: .relaxed), wakeUps.writerBeat.load(ordering: .relaxed),
        ]
        return beats.allSatisfy { $0 + 10_000_000_000 > now }
    }

    private func passLosses() {
        let current = sensor.losses
        guard current.cgroups > losses.cgroups || current.tasks > losses.tasks else { return }
        let lost = current.cgroups - losses.cgroups
        let what =
            lost > 0
            ? "the slot table is full: tasks in \(lost) cgroups were not watched"
            : "the kernel had no memory to follow tasks"
        losses = current
        tell(
            .loss, "facts", what,
            AlertLosses(facts: current.cgroups + current.tasks))
    }

    private func guardPins() {
        let missing = sensor.missingPins
        guard !missing.isEmpty else { return }
        let names = missing.map { $0.split(separator: "/").last.map(String.init) ?? $0 }.joined(separator: ", ")
        do {
            try sensor.repin()
            tell(.tamper, "pin", "\(names) was removed from the BPF file system, and was put back")
        } catch { tell(.tamper, "pin", "\(names) was removed from the BPF file system: \(error.description)") }
    }

    /// An alert about the daemon itself.
    func tell(_ rule: AlertRule, _ item: String, _ detail: String, _ losses: AlertLosses = AlertLosses()) {
        journal.say(detail)
        journal.record(rule.rawValue, subject: item, reason: detail)
        writer.inbox.send(
            .finding(
                Finding(
                    rule: rule, item: FindingItem(.own, item), time: .now, container: .host, losses: losses,
                    detail: detail)))
        wakeUps.writer.raise()
    }

    private func finish() {
        notifier.send(.stopping)
        watch.passReadings(&readings, maker: FindingMaker(sensor, now: .now), isLast: true)
        watch.endAll(now: BootClock.nanoseconds)
        saveState(isOver: true)
        journal.record("daemon-stop", subject: "ringfenced")
        server.endTails(now: .now)
        if !leavesPins { sensor.unpin() }
        wakeUps.end()
    }
}
