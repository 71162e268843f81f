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
            aliveSeconds: Int64(Date().timeIntervalSince1970),
            bootID: host.bootID, pid: getpid(), isOver: isOver)
        for (counter, count) in settled { state.readings[String(counter)] = count }
        do { try state.save(statePath) } catch { journal.say(error.description) }
    }

    /// What the kernel has counted of deviations that the alerts on disk tell of: the last daemon had no time to write down
    /// that it had announced them.
    func announced() -> [UInt64: UInt64] {
        let now = Moment.now
        let deviations = sensor.deviations()
        guard let oldest = deviations.map(\.firstNanoseconds).min(), oldest < now.bootNanoseconds else { return [:] }
        var filter = AlertFilter()
        filter.since = now.wall.advanced(byMilliseconds: -Int64((now.bootNanoseconds - oldest) / 1_000_000) - 1000)
        let log = AlertLog(path: configuration.alertsPath)
        guard let alerts = (try? log.read(filter))?.alerts else { return [:] }
        var told: [String: Set<String>] = [:]
        for alert in alerts {
            let items = alert.items.map { "\($0.executable ?? "") \($0.item.text)" }
            told[alert.container.id, default: []].formUnion(items)
        }
        var readings: [UInt64: UInt64] = [:]
        for deviation in deviations {
            guard let sub = sensor.sub(at: deviation.sub), let cgroup = sensor.slot(at: sub.slot)?.path else {
                continue
            }
            let item = FindingMaker.describe(
                number: deviation.number, abi: deviation.abi, detail: deviation.detail
            ).item
            // The id is in the cgroup's path, whatever the driver makes around it.
            let isTold = told.contains {
                cgroup.contains($0.key) && $0.value.contains("\(sub.executableName) \(item.text)")
            }
            if isTold { readings[FindingMaker.counter(deviation)] = deviation.count }
        }
        return readings
    }

    /// Says what was not watched since the last daemon was alive: the gap record.
    func report(previous: DaemonState?) {
        journal.record(
            "daemon-start", subject: "ringfenced",
            reason: sensor.isTakenOver
                ? "programs and facts of the last daemon were taken over" : "programs were attached")
        for facts in sensor.predecessors {
            let result = facts.unreadable ?? "\(facts.slots.count) cgroups were read"
            journal.say("programs of another make were replaced: \(result)")
            journal.record("replaced", subject: facts.set, reason: result)
        }
        guard let previous else { return }
        let now = Int64(Date().timeIntervalSince1970)
        let from = WallTime(milliseconds: previous.aliveSeconds * 1000).description
        let to = WallTime(milliseconds: now * 1000).description
        let span = "ringfenced did not run from \(from) to \(to) (\(max(0, now - previous.aliveSeconds)) s)"
        if previous.isOver {
            journal.record("gap", subject: "ringfenced", reason: span + "; it had been stopped, nothing was watched")
            journal.say(span + "; it had been stopped, nothing was watched")
        } else if previous.bootID != host.bootID {
            journal.record("gap", subject: "ringfenced", reason: span + "; the machine was started anew")
            journal.say(span + "; the machine was started anew")
        } else if sensor.isTakenOver {
            tell(.gap, "daemon", span + "; its programs stayed at work: what containers did is known and is judged now")
        } else {
            tell(.gap, "daemon", span + "; its programs did not stay attached: what containers did is not known")
        }
    }
}
