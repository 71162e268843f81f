// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import FoundationEssentials
import Glibc
import Platform
import Sensor

extension HostDaemon {
    var statePath: String { configuration.stateDirectory + "/state.json" }

    /// Writes down that the daemon lives, or that it has ended by itself.
    func saveState(isOver: Bool) {
        var state = DaemonState(
            aliveSeconds: Int64(Date().timeIntervalSince1970), aliveBootNanoseconds: BootClock.nanoseconds,
            set: sensor.set, bootID: host.bootID, pid: getpid(), isOver: isOver)
        for (counter, count) in settled { state.readings[String(counter)] = count }
        do { try state.save(statePath) } catch { journal.say(error.description) }
    }

    /// What of the kernel's counters of deviations was announced, by set of programs and counter: as the last daemon wrote
    /// it down, and as the alerts on disk tell, for it may have had no time to.
    func announced(before previous: DaemonState?, _ earlier: EarlierAlerts) -> [String: [UInt64: UInt64]] {
        var known: [String: [UInt64: UInt64]] = [:]
        let isSameBoot = previous?.bootID == host.bootID
        func add(_ set: String, _ deviations: [Sensor.Deviation], _ place: (UInt32) -> (String, String)?) {
            var readings = Self.told(deviations, earlier, place)
            if let previous, isSameBoot, previous.set == nil || previous.set == set {
                for (counter, count) in previous.readings {
                    if let counter = UInt64(counter) { readings[counter] = max(count, readings[counter] ?? 0) }
                }
            }
            known[set] = readings
        }
        if sensor.isTakenOver, let set = sensor.set {
            add(set, sensor.deviations()) { index in
                guard let sub = sensor.sub(at: index), let slot = sensor.slot(at: sub.slot) else { return nil }
                return (slot.path, sub.executableName)
            }
        }
        for facts in sensor.predecessors {
            let paths = Dictionary(uniqueKeysWithValues: facts.slots.map { ($0.index, $0.path) })
            let subs = Dictionary(uniqueKeysWithValues: facts.subs.map { ($0.index, $0) })
            add(facts.set, facts.deviations) { index in
                guard let sub = subs[index], let path = paths[sub.slot] else { return nil }
                return (path, sub.executableName)
            }
        }
        return known
    }

    /// Which of the deviations the alerts on disk tell of. `place` names the cgroup and the executable of a sub-slot.
    private static func told(
        _ deviations: [Sensor.Deviation], _ earlier: EarlierAlerts, _ place: (UInt32) -> (String, String)?
    ) -> [UInt64: UInt64] {
        let now = Moment.now
        guard let oldest = deviations.map(\.firstNanoseconds).min(), oldest < now.bootNanoseconds else { return [:] }
        let since = now.wall.advanced(byMilliseconds: -Int64((now.bootNanoseconds - oldest) / 1_000_000) - 1000)
        var told: [String: Set<String>] = [:]
        for alert in earlier.since(since) {
            let items = alert.items.map { "\($0.executable ?? "") \($0.item.text)" }
            told[alert.container.id, default: []].formUnion(items)
        }
        var readings: [UInt64: UInt64] = [:]
        for deviation in deviations {
            guard let (cgroup, executable) = place(deviation.sub) else { continue }
            let item = FindingMaker.describe(
                number: deviation.number, abi: deviation.abi, detail: deviation.detail
            ).item
            // The id is in the cgroup's path, whatever the driver makes around it.
            let isTold = told.contains {
                cgroup.contains($0.key) && $0.value.contains("\(executable) \(item.text)")
            }
            if isTold { readings[FindingMaker.counter(deviation)] = deviation.count }
        }
        return readings
    }

    /// What the last daemon told of network peers.
    func toldPeers(before previous: DaemonState?, _ earlier: EarlierAlerts) -> ToldPeers {
        let isSameBoot = previous?.bootID == host.bootID
        return ToldPeers(
            until: isSameBoot ? previous?.aliveBootNanoseconds ?? 0 : 0,
            alerts: earlier.all)
    }

    /// And of executions.
    func toldExecutions(before previous: DaemonState?, _ earlier: EarlierAlerts) -> ToldExecutions {
        let isSameBoot = previous?.bootID == host.bootID
        return ToldExecutions(until: isSameBoot ? previous?.aliveBootNanoseconds ?? 0 : 0, alerts: earlier.all)
    }

    /// Says what was not watched since the last daemon was alive: the gap record.
    func report(previous: DaemonState?) {
        journal.record(
            "daemon-start", subject: "ringfenced",
            reason: sensor.isTakenOver
                ? "programs and facts of the last daemon were taken over" : "programs were attached")
        for facts in sensor.predecessors {
            let result =
                ([
                    facts.unreadable.map { "what they kept is lost, \($0)" }
                        ?? "what they kept of \(facts.slots.count) cgroups was read"
                ]
                + facts.shortcomings + facts.remarks).joined(separator: "; ")
            journal.say("programs of another make were replaced: \(result)")
            journal.record("replaced", subject: facts.set, reason: result)
        }
        guard let previous else { return }
        let now = Int64(Date().timeIntervalSince1970)
        let from = WallTime(milliseconds: previous.aliveSeconds * 1000).description
        let to = WallTime(milliseconds: now * 1000).description
        let span = "ringfenced did not run from \(from) to \(to) (\(max(0, now - previous.aliveSeconds)) s)"
        func note(_ what: String) {
            journal.record("gap", subject: "ringfenced", reason: "\(span); \(what)")
            journal.say("\(span); \(what)")
        }
        guard previous.bootID == host.bootID else { return note("the machine was started anew") }
        let stayed = "its programs stayed at work: what containers did is known and is judged now"
        let isKept = sensor.isTakenOver || !sensor.predecessors.isEmpty
        let isKnown = isKept && sensor.predecessors.allSatisfy { $0.unreadable == nil }
        switch (previous.isOver, isKnown) {
        case (true, true): note("it had been stopped, and \(stayed)")
        case (false, true): tell(.gap, "daemon", "\(span); \(stayed)")
        case (_, false) where isKept: tell(.gap, "daemon", span + "; what its programs kept cannot be read")
        case (true, false): note("it had been stopped, nothing was watched")
        case (false, false):
            tell(.gap, "daemon", span + "; its programs did not stay attached: what containers did is not known")
        }
    }
}
