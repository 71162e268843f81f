// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import Detection
import FoundationEssentials
import Glibc
import Platform
import Profiles
import Recorder
import Sensor
import Synchronization

/// The daemon: everything made and joined, and the loop of the control thread, which is the process's first.
package final class HostDaemon {
    /// What holds now; a reload changes it.
    var configuration: Configuration
    let configurationPath: String?
    let sensor: Sensor
    let watch: WatchLoop
    let consumer: Consumer
    let trace: TraceStream
    let writer: AlertWriter
    let names: NameBook
    let server: ControlServer
    let journal: DaemonJournal
    let host: AlertHost
    let wakeUps: WakeUps
    let started = Moment.now
    private let signals: SignalQueue
    let notifier: ServiceNotifier
    private let pinLock: PinLock
    /// What answers are made of.
    var desk: ControlDesk
    private var readings: [UInt64: UInt64] = [:]
    /// What of it was passed on a second ago and more: that is announced by now, and a next daemon need not.
    var settled: [UInt64: UInt64] = [:]
    private var losses = LossNews()
    private var nextSecond: UInt64 = 0
    private var nextSave: UInt64 = 0
    private var isStopping = false
    /// Whether the heartbeat is missing, and that was said.
    private var isSilent = false
    private var leavesPins = false

    /// After how long without a heartbeat something is wrong.
    private static let deafAfter: UInt64 = 15_000_000_000
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
        // There is one daemon: whoever is refused has touched nothing.
        pinLock = try Self.lockPins()
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
        let unexpected: UnexpectedContainers
        do {
            unexpected = try UnexpectedContainers(stateDirectory: configuration.stateDirectory, now: Date())
        } catch { throw DaemonError(error.description, exitCode: 74) }
        do { sensor = try Sensor(configuration.sensor(hierarchy)) } catch {
            throw DaemonError(error.description, exitCode: error.errno == EPERM || error.errno == EACCES ? 77 : 69)
        }
        host = AlertHost.current()
        let scope = configuration.containerScope
        let board = WatchBoard()
        consumer = Consumer(sensor, wakeUps)
        trace = TraceStream(sensor, consumer.trace, wakeUps)
        names = NameBook(sensor, hierarchy)
        writer = AlertWriter(
            sensor, output: consumer.output, board: board, sinks: configuration.sinkSettings, host: host,
            unnamed: UnnamedContainers(scope: scope, own: try? hierarchy.ownCgroup()), names: names,
            wakeUps: wakeUps)
        watch = WatchLoop(
            sensor, Inventory(hierarchy: hierarchy, scope: scope), keeper, policies: Self.policies, board: board,
            writer: writer, names: names, journal: journal, boot: host.bootID, unexpected: unexpected,
            weights: configuration.riskWeights)
        desk = ControlDesk(recent: RecentAlerts(path: configuration.alertsPath))
        desk.nextExpiry = keeper.allows.nextExpiry(after: Date())
        for note in server.notes + keeper.notes + unexpected.notes { journal.say(note) }
        openMetrics()
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
        let previous = DaemonState.load(statePath)
        report(previous: previous)
        let earlier = EarlierAlerts(path: configuration.alertsPath)
        let known = announced(before: previous, earlier)
        watch.tables.announced = known
        if !sensor.predecessors.isEmpty { watch.tables.announcedExecutables = earlier.executables }
        if sensor.isTakenOver, let set = sensor.set {
            readings = known[set] ?? [:]
            settled = readings
            watch.tables.executables.takeOver { earlier.executables }
        }
        if sensor.isTakenOver || !sensor.predecessors.isEmpty {
            watch.tables.toldPeers = toldPeers(before: previous, earlier)
            watch.tables.toldExecutions = toldExecutions(before: previous, earlier)
            writer.inbox.send(.replaced(toldExecutions(before: previous, earlier)))
        }
        watch.unexpected.takeOver(earlier)
        // What waits for a decision was announced when it was held.
        for (key, profile) in watch.keeper.profiles {
            for item in profile.heldEntries.compactMap({ FindingItem(profileEntry: $0) }) {
                writer.inbox.send(.held(item, profile: key))
            }
        }
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
            desk.metrics?.serve(now: .now) { [self] in metricsPage() }
        }
    }

    private func wait() {
        let now = BootClock.nanoseconds
        // What was due while answers were given lies in the past.
        var limit = max(now, min(watch.deadline(now: now), nextSecond)) - now
        if let due = [server.nextDeadline, desk.metrics?.nextDeadline].compactMap({ $0 }).min() {
            let (seconds, attoseconds) = (due - .now).components
            let left =
                seconds < 0 || attoseconds < 0
                ? 0 : UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
            limit = min(limit, left)
        }
        DescriptorWait.wait(
            ([wakeUps.control.descriptor, signals.descriptor, server.descriptor]
                + (desk.metrics.map { [$0.descriptor] } ?? [])).map {
                    PollInterest(descriptor: $0, wantsRead: true, wantsWrite: false)
                }, nanoseconds: limit)
        wakeUps.control.lower()
    }

    private func takeSignals() {
        while let signal = signals.take() {
            if signal.number == SIGHUP {
                reload()
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
            case .session(let place, let executable, let arguments):
                watch.noteSession(in: place, executable: executable, arguments: arguments)
            case .contact(let record): watch.peers.take(record, now: now)
            case .execution(let record): watch.executions.take(record, now: now)
            case .alert(let line): announced(Array(line.dropLast()))
            case .complaint(let text): journal.say(text)
            }
        }
    }

    private func everySecond(_ now: UInt64) {
        nextSecond = now + 1_000_000_000
        let maker = FindingMaker(sensor, now: .now)
        let released = watch.takeReleasedSubs()
        if !released.isEmpty { readings = readings.filter { !released.contains(FindingMaker.sub(ofCounter: $0.key)) } }
        let before = readings
        watch.passReadings(&readings, maker: maker)
        settled = before
        watch.tables.tellExecutables(now: now)
        passLosses(now)
        passDrops()
        passPeerLosses()
        passExecutionLosses()
        listen(now)
        guardOwn()
        expireAllows(now: now)
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

    private func passLosses(_ now: UInt64) {
        for loss in losses.take(sensor.losses, now: now) {
            tell(.loss, loss.item, loss.sentence, AlertLosses(facts: loss.facts))
        }
    }

    private func passDrops() {
        for (container, dropped) in watch.takeDrops() {
            let what =
                "\(dropped) records of \(container.description.name) found no room in the ring: what it did is known, "
                + "who did it may not be"
            tell(
                .loss, "records", what, AlertLosses(dropped: dropped),
                of: AlertContainer(container.description, posture: container.headlines))
        }
    }

    /// Says so, once, when the sign of life through the kernel does not come back.
    private func listen(_ now: UInt64) {
        let beat = max(wakeUps.kernelBeat.load(ordering: .relaxed), started.bootNanoseconds)
        let isDeaf = now > beat + Self.deafAfter && !sensor.isFallback
        if isDeaf, !isSilent {
            tell(
                .health, "heartbeat",
                "no record has come through the kernel for \((now - beat) / 1_000_000_000) s: restart ringfenced, and look at "
                    + "`ringfence status`")
        }
        isSilent = isDeaf
    }

    /// An alert about the daemon itself.
    func tell(
        _ rule: AlertRule, _ item: String, _ detail: String, _ losses: AlertLosses = AlertLosses(),
        of container: AlertContainer = .host
    ) {
        journal.say(detail)
        journal.record(rule.rawValue, subject: item, reason: detail)
        writer.inbox.send(
            .finding(
                Finding(
                    rule: rule, item: FindingItem(.own, item), time: .now, container: container, losses: losses,
                    detail: detail)))
        wakeUps.writer.raise()
    }

    private func finish() {
        notifier.send(.stopping)
        watch.passReadings(&readings, maker: FindingMaker(sensor, now: .now), isLast: true)
        watch.tables.tellExecutables(now: BootClock.nanoseconds, isLast: true)
        watch.peers.service(now: BootClock.nanoseconds, isLast: true)
        watch.executions.service(now: BootClock.nanoseconds, isLast: true)
        watch.endAll(now: BootClock.nanoseconds)
        saveState(isOver: true)
        journal.record("daemon-stop", subject: "ringfenced")
        server.endTails(now: .now)
        if !leavesPins { sensor.unpin() }
        wakeUps.end()
    }
}
