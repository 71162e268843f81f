// SPDX-License-Identifier: Apache-2.0
import Alerts
import CEvents
import Detection
import Events
import Platform
import Profiles
import Recorder
import Sensor
import Synchronization

/// The writer thread: takes what the consumer thread passed on, gives it names, folds it into incidents and announces
/// them. All of it belongs to that thread, but for the mailboxes and the counters.
final class AlertWriter: @unchecked Sendable {
    /// What `status` shows of this thread.
    struct Standing: Sendable {
        var incidents = IncidentCounters()
        var open = 0
        var sinks: [(name: String, counters: SinkCounters)] = []
        /// Records whose container was not known in time: they are told under the cgroup's name.
        var nameless: UInt64 = 0
        /// Records that waited for a name and found no room.
        var overflowed: UInt64 = 0
    }

    /// For the control thread to put things in.
    let inbox = Mailbox<WriterMessage>(limit: 16_384)
    /// For the control thread to take things from.
    let outbox = Mailbox<ControlMessage>(limit: 65_536)
    /// As of the last round.
    let standing = Mutex(Standing())

    private let sensor: SensorHandle
    private let board: WatchBoard
    private let wakeUps: WakeUps
    private let output: SPSCRing
    private let unnamed: UnnamedContainers
    private let names: NameBook
    private var book: IncidentBook
    private var sinks: WriterSinks
    private var waiting: [(record: Record, verdict: Verdict, deadline: UInt64)] = []
    private var current = Standing()
    /// What earlier daemons told of replaced executables.
    private var replaced = ToldExecutions.none
    private var files = FileLooks()
    /// Processes of known probes.
    private var probing: Set<ProcessIdentity> = []

    /// How long a record waits for the name of its container.
    private static let patience: UInt64 = 2_000_000_000
    private static let waitingLimit = 4096

    init(
        _ sensor: Sensor, output: SPSCRing, board: WatchBoard, sinks: [SinkSetting], host: AlertHost,
        unnamed: UnnamedContainers, names: NameBook, wakeUps: WakeUps
    ) {
        self.sensor = SensorHandle(sensor)
        self.output = output
        self.board = board
        self.wakeUps = wakeUps
        self.unnamed = unnamed
        self.names = names
        self.sinks = WriterSinks(sinks)
        current.sinks = self.sinks.all.map { ($0.name, $0.counters) }
        book = IncidentBook(host: host)
    }

    /// Has the thread look into its inbox now.
    func wake() { wakeUps.writer.raise() }

    /// Runs until the daemon ends, and then announces what is open.
    func run() {
        var taker = output.takeConsumer()
        while true {
            let isEnding = wakeUps.isEnding.load(ordering: .acquiring)
            let now = Moment.now
            let maker = FindingMaker(sensor.sensor, now: now)
            let owners = board.current
            drain(&taker, owners, maker, now)
            retry(owners, maker, now)
            for message in inbox.takeAll() { take(message, now) }
            announce(book.service(now: now), now)
            sinks.service(now: now)
            for complaint in sinks.takeComplaints() { outbox.send(.complaint(complaint)) }
            report()
            wakeUps.writerBeat.store(now.bootNanoseconds, ordering: .relaxed)
            if isEnding { break }
            wait(now)
        }
        let now = Moment.now
        announce(book.closeAll(now: now), now)
        sinks.close(now: now)
        report()
    }

    private func drain(
        _ taker: inout SPSCConsumer, _ owners: [WatchBoard.Place: WatchBoard.Owner], _ maker: FindingMaker,
        _ now: Moment
    ) {
        while let bytes = unsafe taker.peek() {
            // SAFETY: the intake wrote a whole element; it is copied before the ring moves on.
            let judged = unsafe JudgedRecord(bytes)
            let verdict = judged.verdict
            let record = unsafe judged.record.flatMap { Record(copying: $0) }
            taker.advance()
            guard let record else { continue }
            if record.kind == .outOfRange, Heartbeat.isOurs(record) {
                wakeUps.kernelBeat.store(record.timeNanoseconds, ordering: .relaxed)
                continue
            }
            // In the order of the kernel: an answer before the contact that follows from it.
            if verdict == .name {
                names.take(record)
                continue
            }
            if verdict == .session, let moved = Migration(record, owners, sensor.sensor) {
                add(maker.migration(record, moved), now, moved.entry)
            }
            if verdict == .lifecycle || verdict == .session {
                if !outbox.send(.lifecycle(record)) { current.overflowed += 1 }
                wakeUps.control.raise()
                continue
            }
            if !judge(record, verdict, owners, maker, now) { wait(for: record, verdict, now) }
        }
    }

    private func wait(for record: Record, _ verdict: Verdict, _ now: Moment) {
        guard waiting.count < Self.waitingLimit else {
            current.overflowed += 1
            return
        }
        waiting.append((record, verdict, now.bootNanoseconds + Self.patience))
    }

    private func retry(_ owners: [WatchBoard.Place: WatchBoard.Owner], _ maker: FindingMaker, _ now: Moment) {
        guard !waiting.isEmpty else { return }
        var still: [(record: Record, verdict: Verdict, deadline: UInt64)] = []
        for entry in waiting where !judge(entry.record, entry.verdict, owners, maker, now) {
            guard now.bootNanoseconds >= entry.deadline else {
                still.append(entry)
                continue
            }
            current.nameless += 1
            guard let standIn = unnamed.entry(for: entry.record, sensor.sensor) else { continue }
            find(entry.record, entry.verdict, standIn, maker, now)
        }
        waiting = still
    }

    /// False if nobody knows yet whose it is.
    private func judge(
        _ record: Record, _ verdict: Verdict, _ owners: [WatchBoard.Place: WatchBoard.Owner], _ maker: FindingMaker,
        _ now: Moment
    ) -> Bool {
        guard let slot = record.slot else { return true }
        switch owners[WatchBoard.Place(slot: slot, cgroupID: record.cgroupID)] {
        case nil: return false
        case .nobody?: return true
        case .container(let entry)?:
            if entry.isWatched { find(record, verdict, entry, maker, now) }
            return true
        }
    }

    private func find(
        _ record: Record, _ verdict: Verdict, _ entry: WatchBoard.Entry, _ maker: FindingMaker, _ now: Moment
    ) {
        switch verdict {
        case .deviation, .foreignABI, .ioDeviation: add(maker.deviation(record, verdict, entry), now, entry)
        case .outOfRange: if entry.isMonitored { add(maker.outOfRange(record, entry), now, entry) }
        case .denied: add(maker.denied(record, entry), now, entry)
        case .peer: contact(record, entry, maker, now)
        case .executable: execution(record, entry, maker, now)
        default: break
        }
    }

    /// A unix socket's name is not in the record: the control thread looks it up.
    private func contact(_ record: Record, _ entry: WatchBoard.Entry, _ maker: FindingMaker, _ now: Moment) {
        guard let contact = PeerContact(record) else { return }
        guard let name = contact.name else {
            if !outbox.send(.contact(record)) { current.overflowed += 1 }
            return wakeUps.control.raise()
        }
        let judged = JudgedPeer(
            name, hosts: names.hosts(record.cgroupID, name.address, at: [record.timeNanoseconds]), entry.peers)
        if contact.isOutsider {
            announce(
                book.addRelated(maker.sessionContact(name, host: judged.host, record, entry), now: now), now)
        } else if !judged.isExpected {
            add(maker.contact(judged, record, entry), now, entry)
        }
    }

    private func execution(_ record: Record, _ entry: WatchBoard.Entry, _ maker: FindingMaker, _ now: Moment) {
        // Who executes what in an exec session is not compared; with which rights is.
        if record.hasNewCredentials || record.isNewEdge && record.phase != .sessionWorkload, entry.isMonitored {
            if !outbox.send(.execution(record)) { current.overflowed += 1 }
            wakeUps.control.raise()
        }
        guard !record.isUnchanged else { return }
        if record.phase == .sessionWorkload {
            // Services may share a mount namespace on purpose, as those of one snap do; containers do not.
            guard !record.isEntry || entry.container.isContainer else { return }
            let words = ProcessArguments.read(record.tgid)?.map { HostileText.escaped($0) }
            if let slot = record.slot {
                outbox.send(
                    .session(
                        WatchBoard.Place(slot: slot, cgroupID: record.cgroupID), executable: record.path,
                        arguments: words ?? []))
            }
            // What recurs is told apart only after it has recurred: while learning a session is noted, not announced.
            guard entry.isMonitored, !isProbe(record, words, entry) else { return }
            add(maker.session(record, entry), now, entry)
            return
        }
        if !entry.isMonitored || entry.executables.contains(record.executableName) {
            guard let sub = sub(of: record) else { return }
            if compareFile(record, sub, entry, maker, now) {
                sensor.sensor.expect(sub: sub, true)
            } else {
                // Its next execution is reported, too, and nobody else says that it is expected.
                sensor.sensor.markTold(sub: sub, true)
            }
            return
        }
        add(maker.executable(record, entry), now, entry)
        if let sub = sub(of: record) { sensor.sensor.markTold(sub: sub, true) }
    }

    /// Tells of a known executable whose file is another one, once for each file. False while nobody could tell where the
    /// file comes from, and the next execution may show it.
    private func compareFile(
        _ record: Record, _ sub: UInt32, _ entry: WatchBoard.Entry, _ maker: FindingMaker, _ now: Moment
    ) -> Bool {
        guard entry.isMonitored, !record.isDeleted, entry.origins[record.executableName] != nil, files.isDue(sub) else {
            return true
        }
        let origin = ExecutableOrigin.find(record, start: entry.start)
        files.note(sub, found: origin != nil)
        guard let origin else { return !files.isDue(sub) }
        // This daemon looks at each file once; one before may have told of it.
        if let finding = maker.replaced(record, by: origin, entry),
            replaced.note(replaced: record.executableName, in: entry.container.id)
        {
            add(finding, now, entry)
        }
        return true
    }

    /// Where a record's executable is counted; nil if that is another cgroup's by now, which expects something else.
    private func sub(of record: Record) -> UInt32? {
        guard let sub = record.sub, let slot = record.slot else { return nil }
        return has(sub, WatchBoard.Place(slot: slot, cgroupID: record.cgroupID)) ? sub : nil
    }

    private func has(_ sub: UInt32, _ place: WatchBoard.Place) -> Bool {
        sensor.sensor.slot(ofSub: sub) == place.slot && sensor.sensor.cgroup(ofSlot: place.slot) == place.cgroupID
    }

    /// Whether an execution is a known probe's: its command, or a program of its own that it starts. The path alone says
    /// little, for a probe's may be a shell's; it has to do where the process has ended before its command line was read. Where
    /// a shell has become the program that it was to run by then, the command line is that one's, a part of the probe.
    private func isProbe(_ record: Record, _ words: [String]?, _ entry: WatchBoard.Entry) -> Bool {
        let isPart = entry.probes.contains { $0.executables.contains(record.path) }
        let isCommand = entry.probes.contains { probe in
            guard let words else { return probe.executables.contains(record.path) }
            return probe.matches(executable: record.path, arguments: words) || (isPart && probe.arguments == words)
        }
        let own = ProcessIdentity(pid: record.tgid, startNanoseconds: record.startNanoseconds)
        if isCommand {
            if probing.count >= Self.waitingLimit { probing.removeAll() }
            probing.insert(own)
            return true
        }
        let parents = record.ancestors.map { ProcessIdentity(pid: $0.pid, startNanoseconds: $0.startNanoseconds) }
        return isPart && ([own] + parents).contains(where: probing.contains)
    }

    private func take(_ message: WriterMessage, _ now: Moment) {
        switch message {
        // What it says of its container's start holds.
        case .finding(let finding): announce(book.add(finding, now: now), now)
        case .reading(let counter, let total, let finding):
            if book.knows(counter: counter) {
                book.note(counter: counter, total: total, now: now)
            } else {
                add(finding, now)
            }
        case .execution(let sub, let place, let finding):
            // Its record may have come while this message waited; or its place was given back, and nobody else will tell.
            let isThere = has(sub, place)
            guard !isThere || !sensor.sensor.wasTold(sub: sub) else { return }
            add(finding, now)
            if isThere { sensor.sensor.markTold(sub: sub, true) }
        case .peer(let counter, let total, let finding):
            if book.isOpen(counter: counter) {
                book.note(counter: counter, total: total, now: now)
            } else {
                announce(book.add(finding, now: now), now)
            }
        case .related(let finding): announce(book.addRelated(finding, now: now), now)
        case .replaced(let told): replaced = told
        case .ended(let container): replaced.forget(container)
        case .released(let subs):
            files.forget(subs)
            book.forget { subs.contains(FindingMaker.sub(ofCounter: $0)) }
        case .held(let item, let profile): book.noteHeld(item, profile: profile)
        case .decided(let item, let profile): book.forgetHeld(item, profile: profile)
        case .sinks(let settings): sinks.change(to: settings, now: now)
        }
    }

    private func add(_ finding: Finding, _ now: Moment, _ entry: WatchBoard.Entry? = nil) {
        var finding = finding
        finding.containerStart = entry?.start ?? 0
        announce(book.add(finding, now: now), now)
    }

    private func announce(_ alerts: [Alert], _ now: Moment) {
        for alert in alerts {
            guard let line = sinks.deliver(alert, now: now) else { continue }
            outbox.send(.alert(line: line))
            wakeUps.control.raise()
        }
    }

    private func report() {
        current.incidents = book.counters
        current.open = book.count
        current.sinks = sinks.all.map { ($0.name, $0.counters) }
        let copy = current
        standing.withLock { $0 = copy }
    }

    private func wait(_ now: Moment) {
        let due = [book.deadline, sinks.deadline, waiting.isEmpty ? nil : now.bootNanoseconds + 20_000_000]
            .compactMap { $0 }.min()
        let limit = due.map { $0 > now.bootNanoseconds ? min($0 - now.bootNanoseconds, 1_000_000_000) : 0 }
        let interests = [PollInterest(descriptor: wakeUps.writer.descriptor, wantsRead: true, wantsWrite: false)]
        DescriptorWait.wait(interests + sinks.interests, nanoseconds: limit ?? 1_000_000_000)
        wakeUps.writer.lower()
    }
}
