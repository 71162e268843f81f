// SPDX-License-Identifier: Apache-2.0
import Events
import Platform
import Sensor

/// Finds what the workload of a monitored container executed although its profile does not expect it, and no record told:
/// that it ran is a fact that the kernel keeps, while its record can be held back or find no room. Control thread; that it
/// was told is marked by the writer thread, which sees the records.
final class UnexpectedExecutables {
    private let sensor: Sensor
    private let writer: AlertWriter
    /// When each sub-slot was first found with something to tell, nanoseconds of CLOCK_BOOTTIME.
    private var found: [UInt32: UInt64] = [:]

    /// How long its record, which knows more, may take.
    private static let recordPatience: UInt64 = 900_000_000

    init(_ sensor: Sensor, writer: AlertWriter) {
        self.sensor = sensor
        self.writer = writer
    }

    /// Says whether an executable is expected from now on. Of what was expected until now (`wasCompared`: by another
    /// table) nothing is told later: it was right at its time.
    func expect(_ sub: UInt32, _ isExpected: Bool, wasCompared: Bool) {
        let was = sensor.isExpected(sub: sub)
        sensor.expect(sub: sub, isExpected)
        if isExpected, !was { sensor.markTold(sub: sub, false) }
        if !isExpected, was, wasCompared { sensor.forgetRun(sub: sub) }
    }

    /// Tells what is due; all of it if there will be no other time (`isLast`). `owner` is whose a slot is; nil if nothing
    /// is told of it.
    func service(
        now: UInt64, isLast: Bool, owner: (_ slot: UInt32) -> (place: WatchBoard.Place, entry: WatchBoard.Entry)?
    ) {
        let maker = FindingMaker(sensor, now: .now)
        var waiting: [UInt32: UInt64] = [:]
        for index in sensor.subIndices where sensor.isUntold(sub: index) {
            guard let slot = sensor.slot(ofSub: index), let (place, entry) = owner(slot) else { continue }
            let since = found[index] ?? now
            waiting[index] = since
            guard isLast || now >= since + Self.recordPatience, let sub = sensor.sub(at: index), !sub.isOther
            else { continue }
            if entry.executables.contains(sub.executableName) {
                sensor.expect(sub: index, true)
            } else {
                writer.inbox.send(.execution(sub: index, place, maker.executable(sub, entry, slot: slot)))
            }
        }
        if !isLast { found = waiting }
    }

    /// Begins after another daemon: what that one took up and had no time to announce is told again. `announced` reads the
    /// programs that alerts on disk tell of, each with its container's id.
    func takeOver(announced: () -> Set<[String]>) {
        let told = sensor.subIndices.filter { sensor.wasTold(sub: $0) }.compactMap { sensor.sub(at: $0) }
        guard !told.isEmpty else { return }
        let known = announced()
        for sub in told {
            // The id is in the cgroup's path, whatever the driver makes around it.
            let cgroup = sensor.slot(at: sub.slot)?.path ?? ""
            let isKnown = known.contains { $0.last == sub.executableName && cgroup.contains($0.first ?? "") }
            sensor.markTold(sub: sub.index, isKnown)
        }
    }

    /// Forgets sub-slots that others will have.
    func forget(_ subs: Set<UInt32>) { found = found.filter { !subs.contains($0.key) } }
}
