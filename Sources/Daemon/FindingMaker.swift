// SPDX-License-Identifier: Apache-2.0
import Alerts
import CEvents
import Detection
import Events
import Platform
import Profiles
import Sensor

/// Puts into words what a judged record of a watched container tells. Writer thread.
struct FindingMaker {
    private let sensor: Sensor
    /// Difference between wall and boot time, in milliseconds, as it was last read.
    private let wallOfBoot: Int64

    init(_ sensor: Sensor, now: Moment) {
        self.sensor = sensor
        wallOfBoot = now.wall.milliseconds - Int64(now.bootNanoseconds / 1_000_000)
    }

    /// A call, an argument or an io_uring operation that is not allowed.
    func deviation(_ record: Record, _ verdict: Verdict, _ entry: WatchBoard.Entry) -> Finding {
        let described = Self.describe(record)
        let rule = Self.rule(described, isForeign: verdict == .foreignABI)
        var finding = Finding(
            rule: rule,
            item: described.item, time: moment(record.timeNanoseconds), container: entry.container,
            process: process(record), profile: entry.standing, arguments: record.arguments,
            occurrences: Self.occurrences(record), losses: losses(record.slot),
            weight: Score.points(Self.callClass(described, rule), maturity: entry.maturity), tier: described.tier,
            detail: bounded(described.reason))
        if record.phase == .sessionWorkload { finding.detail = Self.join(finding.detail, "made by an exec session") }
        return finding
    }

    /// A deviation that the kernel has counted and no record told of: who did it is known, and no more.
    func deviation(
        _ counted: Sensor.Deviation, _ sub: SubSnapshot, _ counter: UInt64, _ entry: WatchBoard.Entry
    ) -> Finding {
        let described = Self.describe(number: counted.number, abi: counted.abi, detail: counted.detail)
        let rule = Self.rule(
            described, isForeign: counted.abi.map { $0 != .native && !entry.abis.contains($0) } ?? false)
        return Finding(
            rule: rule,
            item: described.item, time: moment(counted.firstNanoseconds), container: entry.container,
            process: Self.process(of: sub), profile: entry.standing,
            occurrences: .total(counted.count, counter: counter),
            losses: losses(sub.slot), weight: Score.points(Self.callClass(described, rule), maturity: entry.maturity),
            tier: described.tier,
            detail: Self.join(bounded(described.reason), "its record was lost: which process did it is not known"))
    }

    /// Where the kernel had no place to count it, its records are counted.
    static func occurrences(_ record: Record) -> Finding.Occurrences {
        record.count == 0 ? .more(1) : .total(record.count, counter: counter(record))
    }

    private static func rule(_ described: Description, isForeign: Bool) -> AlertRule {
        if let tier = described.tier, tier <= 1 { return .neverAllowCall }
        return described.isOperation ? .ioUringOperation : isForeign ? .foreignABI : .unexpectedCall
    }

    /// A table of calls that a container never used is grave whichever call it is.
    private static func callClass(_ described: Description, _ rule: AlertRule) -> CallClass {
        rule == .foreignABI ? .high : described.callClass
    }

    /// A program that no learned instance ran.
    func executable(_ record: Record, _ entry: WatchBoard.Entry) -> Finding {
        let isFileless = record.isDeleted
        let time = moment(record.timeNanoseconds)
        let origin = isFileless ? nil : ExecutableOrigin.find(record, start: entry.start)
        return Finding(
            rule: .unexpectedExecutable,
            item: FindingItem(isFileless ? .filelessExecutable : .executable, record.executableName),
            time: time, container: entry.container,
            process: process(record, withArguments: true),
            profile: entry.standing, losses: losses(record.slot), weight: Score.points(.high, maturity: entry.maturity),
            detail: Self.join(
                isFileless
                    ? "the file had no name when it was executed: a memfd, or deleted"
                    : origin.map { ExecutableOrigin.words($0, wall: time.wall) },
                optional: story(of: record)))
    }

    /// The same of one that no record tells of: who did it is known, and no more. `slot` is its cgroup's, if that is not one
    /// of an earlier daemon's.
    func executable(_ sub: SubSnapshot, _ entry: WatchBoard.Entry, slot: UInt32? = nil) -> Finding {
        Finding(
            rule: .unexpectedExecutable,
            item: FindingItem(sub.isDeleted ? .filelessExecutable : .executable, sub.executableName),
            time: moment(sub.firstSeenNanoseconds), container: entry.container, process: Self.process(of: sub),
            profile: entry.standing, losses: losses(slot), weight: Score.points(.high, maturity: entry.maturity),
            detail: "its record was lost: which process did it is not known")
    }

    /// Somebody who joined from outside, beside a living workload.
    func session(_ record: Record, _ entry: WatchBoard.Entry) -> Finding {
        Finding(
            rule: .execSession, item: FindingItem(.session, record.executableName),
            time: moment(record.timeNanoseconds), container: entry.container,
            process: process(record, withArguments: true),
            profile: entry.standing, losses: losses(record.slot),
            weight: Score.points(.middle, maturity: entry.maturity),
            detail: record.isEntry
                ? "entered the container's mount namespace and not its cgroup, as nsenter does: what it does is not recorded here"
                : "joined the container's cgroup from outside")
    }

    /// A process that was moved between containers, or out of one.
    func migration(_ record: Record, _ moved: Migration) -> Finding {
        Finding(
            rule: .migration, item: FindingItem(.migration, moved.way), time: moment(record.timeNanoseconds),
            container: moved.entry.container, process: process(record), profile: moved.entry.standing,
            losses: losses(record.slot), weight: Score.points(.high, maturity: moved.entry.maturity),
            detail: "its calls were judged by the profile of the container that it left, and are not judged any more")
    }

    /// A number that names no call.
    func outOfRange(_ record: Record, _ entry: WatchBoard.Entry) -> Finding {
        Finding(
            rule: .outOfRangeCall,
            item: FindingItem(.call, "#\(record.number)", abi: record.abi.name(on: .current)),
            time: moment(record.timeNanoseconds), container: entry.container, process: process(record),
            profile: entry.standing, arguments: record.arguments, losses: losses(record.slot),
            weight: Score.points(.middle, maturity: entry.maturity))
    }

    /// A call that the container's seccomp filter answered.
    func denied(_ record: Record, _ entry: WatchBoard.Entry) -> Finding {
        let name = SyscallTable.table(record.abi).name(record.number)
        return Finding(
            rule: .seccompDenied, item: FindingItem(.call, name, abi: record.abi.name(on: .current)),
            time: moment(record.timeNanoseconds), container: entry.container, process: process(record),
            profile: entry.standing, arguments: record.arguments, losses: losses(record.slot),
            weight: CallClass.low.weight * entry.maturity,
            detail: "answered with \(ErrnoName.name(-record.result))")
    }

    /// The number of the kernel's counter behind a deviation: all that tells its keys apart.
    static func counter(
        sub: UInt32, number: Int, abi: CallABI?, isSession: Bool, detail: UInt32
    ) -> UInt64 {
        let low =
            UInt64(detail & 0x1ff) << 13 | (isSession ? 1 << 12 : 0)
            | UInt64(abi?.rawValue ?? UInt32(RF_ABI_IO)) << 10 | UInt64(number & 0x3ff)
        return UInt64(sub) << 32 | low
    }

    /// The sub-slot that a counter counts for.
    static func sub(ofCounter counter: UInt64) -> UInt32 { UInt32(counter >> 32) }

    /// The same, of a counter that was read.
    static func counter(_ deviation: Sensor.Deviation) -> UInt64 {
        counter(
            sub: deviation.sub, number: deviation.number, abi: deviation.abi, isSession: deviation.isSession,
            detail: deviation.detail)
    }

    private static func counter(_ record: Record) -> UInt64 {
        counter(
            sub: record.sub ?? 0, number: record.number, abi: record.kind == .ioUringDeviation ? nil : record.abi,
            isSession: record.phase == .sessionWorkload, detail: record.detail)
    }

    /// A sub-slot as it is now.
    func sub(at index: UInt32) -> SubSnapshot? { sensor.sub(at: index) }

    func moment(_ nanoseconds: UInt64) -> Moment {
        Moment(
            wall: WallTime(milliseconds: wallOfBoot + Int64(nanoseconds / 1_000_000)), bootNanoseconds: nanoseconds)
    }

    func losses(_ slot: UInt32?) -> AlertLosses {
        let account = slot.flatMap { sensor.slot(at: $0)?.account }
        let lost = sensor.losses
        return AlertLosses(
            dropped: account?.dropped ?? 0, suppressed: account?.suppressed ?? 0,
            facts: lost.cgroups + lost.tasks + lost.executables)
    }

    func process(_ record: Record, withArguments: Bool = false) -> AlertProcess {
        // Arguments are the process's own to change: a hint for people, never evidence.
        let line = withArguments ? ProcessArguments.readWhole(record.tgid) : nil
        var process = AlertProcess(
            pid: record.pid, tgid: record.tgid, startNanoseconds: record.startNanoseconds, executable: [], comm: [],
            argv: line?.words, isArgvCut: line?.isCut ?? false, uid: record.uid)
        process.executable = record.executableName
        process.comm = record.comm
        process.ancestry = record.ancestors.map { parent in
            var ancestor = AlertProcess.Ancestor(
                pid: parent.pid, startNanoseconds: parent.startNanoseconds, comm: [])
            ancestor.comm = parent.comm
            return ancestor
        }
        return process
    }

    /// A process of which only the executable is known, and perhaps its id.
    static func process(of sub: SubSnapshot?, pid: UInt32 = 0) -> AlertProcess {
        var process = AlertProcess(pid: pid, tgid: pid, startNanoseconds: 0, executable: [], comm: [], uid: 0)
        process.executable = sub?.executableName ?? ExecutableName.unknown
        return process
    }

    /// Where the kernel's table of counts was full, nobody knows which counts are too low.
    private func bounded(_ detail: String?) -> String? {
        sensor.losses.deviations == 0 ? detail : Self.join(detail, "counts are lower bounds")
    }

    /// Both, where there are both.
    static func join(_ detail: String?, optional more: String?) -> String? {
        more.map { join(detail, $0) } ?? detail
    }

    static func join(_ detail: String?, _ more: String) -> String { detail.map { "\($0); \(more)" } ?? more }
}
