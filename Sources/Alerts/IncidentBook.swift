// SPDX-License-Identifier: Apache-2.0
import Detection

/// Folds findings into incidents and says when each is to be announced. Belongs to one thread; time is passed in, and only
/// boot time is compared, so that nobody who steps the clock can delay or repeat an alert.
///
/// A finding joins the open incident of its container that has the same item, else the one whose process tree it shares
/// and whose latest new item is at most a minute old, else it opens one. An incident is announced when it opens, when its
/// gravity rises, and else at a pace of 1 min, 10 min and then every hour as long as there is something to say; it is
/// closed, with a last announcement if counts have changed, when nothing has repeated for ten minutes.
package struct IncidentBook {
    /// What happened so far.
    package private(set) var counters = IncidentCounters()

    private let host: AlertHost
    private let limits: IncidentLimits
    private var incidents: [String: Incident] = [:]
    /// When each is to be looked at: a thousand of them are looked through with every record.
    private var dues: [String: UInt64] = [:]
    private var byItem: [ItemKey: String] = [:]
    private var byProcess: [TreeKey: String] = [:]
    private var scores: [String: ScoreWindow<ItemKey>] = [:]
    private var readings: [UInt64: (total: UInt64, key: ItemKey, address: String?)] = [:]
    private var held: Set<HeldKey> = []

    private struct HeldKey: Hashable {
        let profile: String
        let item: FindingItem
    }

    /// An empty book for alerts of `host`.
    package init(host: AlertHost, limits: IncidentLimits = IncidentLimits()) {
        self.host = host
        self.limits = limits
    }

    /// Open incidents.
    package var count: Int { incidents.count }

    /// When `service` has something to do next, in boot time; nil if nothing is open.
    package var deadline: UInt64? {
        dues.values.min()
    }

    /// Says that this call was announced for this profile before, by an earlier run: it waits for a decision and is not
    /// announced again while the profile learns.
    package mutating func noteHeld(_ item: FindingItem, profile: String) {
        _ = remember(HeldKey(profile: profile, item: item))
    }

    /// Forgets that a call was announced, for instance since it was rejected.
    package mutating func forgetHeld(_ item: FindingItem, profile: String) {
        held.remove(HeldKey(profile: profile, item: item))
    }

    /// Takes a finding. Returns what is to be announced now, in order: usually one alert or none.
    package mutating func add(_ finding: Finding, now: Moment) -> [Alert] {
        counters.findings += 1
        let key = ItemKey(finding)
        if let id = byItem[key] {
            let more = occurrences(of: finding, key: key)
            return fold(finding, key: key, count: more, into: id, score: nil, now: now)
        }
        if finding.tier == 1, let profile = finding.profile, !profile.isReady,
            !remember(HeldKey(profile: profile.key, item: finding.item))
        {
            counters.heldAgain += 1
            return []
        }
        // The counter may have been read since the record was made: the item is new all the same.
        let more = max(1, occurrences(of: finding, key: key))
        let score = addToScore(finding, key: key)
        if let id = related(to: finding) {
            return fold(finding, key: key, count: more, into: id, score: score, now: now)
        }
        return open(finding, key: key, count: more, score: score, now: now)
    }

    /// Takes a finding that is told only where it belongs to an open incident.
    package mutating func addRelated(_ finding: Finding, now: Moment) -> [Alert] {
        guard byItem[ItemKey(finding)] != nil || related(to: finding) != nil else { return [] }
        return add(finding, now: now)
    }

    /// Whether the item that this counter counts is part of an open incident.
    package func isOpen(counter: UInt64) -> Bool { readings[counter].map { byItem[$0.key] != nil } ?? false }

    /// Whether a finding has named this counter before.
    package func knows(counter: UInt64) -> Bool { readings[counter] != nil }

    /// Forgets what was read of counters that stand for something else from now on.
    package mutating func forget(counters areOver: (UInt64) -> Bool) { readings = readings.filter { !areOver($0.key) } }

    /// Takes a reading of a kernel counter that an earlier finding named: the count of its item becomes exact. It is
    /// announced at the pace.
    package mutating func note(counter: UInt64, total: UInt64, now: Moment) {
        guard let reading = readings[counter], total > reading.total else { return }
        readings[counter]?.total = total
        guard let id = byItem[reading.key] else { return }
        incidents[id]?
            .raise(key: reading.key, count: total - reading.total, at: reading.address, wall: now.wall)
        incidents[id]?.touch(now)
        timed(id)
    }

    /// Announces what is due and closes what is idle.
    package mutating func service(now: Moment) -> [Alert] {
        var alerts: [Alert] = []
        for id in dues.filter({ $0.value <= now.bootNanoseconds }).keys {
            guard let incident = incidents[id] else { continue }
            if now.bootNanoseconds > incident.activity, now.bootNanoseconds - incident.activity > limits.idle {
                close(id, now: now, into: &alerts)
            } else if let due = incident.due, due <= now.bootNanoseconds {
                announce(id, now: now, isPaced: true, into: &alerts)
            }
        }
        return alerts.sorted { ($0.last.bootNanoseconds, $0.id) < ($1.last.bootNanoseconds, $1.id) }
    }

    /// Announces what has not been and closes everything: before the daemon ends.
    package mutating func closeAll(now: Moment) -> [Alert] {
        var alerts: [Alert] = []
        for id in incidents.keys.sorted() { close(id, now: now, into: &alerts) }
        return alerts
    }
}

extension IncidentBook {
    private mutating func fold(
        _ finding: Finding, key: ItemKey, count: UInt64, into id: String, score: Double?, now: Moment
    ) -> [Alert] {
        guard var incident = incidents.removeValue(forKey: id) else { return [] }
        counters.folded += 1
        if score != nil {
            if incident.add(finding, key: key, count: count, limit: limits.items) {
                byItem[key] = id
                incident.keys.append(key)
            } else {
                counters.itemsOmitted += 1
            }
            file(finding, under: id, in: &incident)
        } else {
            incident.repeated(finding, key: key, count: count)
        }
        incident.touch(now)
        let current = score ?? scores[finding.container.id]?.sum(at: finding.time.bootNanoseconds) ?? 0
        let isGraver = incident.rises(by: finding, severity: finding.severity(score: current), score: current)
        incidents[id] = incident
        timed(id)
        var alerts: [Alert] = []
        if isGraver { announce(id, now: now, isPaced: false, into: &alerts) }
        return alerts
    }

    private mutating func open(
        _ finding: Finding, key: ItemKey, count: UInt64, score: Double, now: Moment
    ) -> [Alert] {
        var alerts: [Alert] = []
        if incidents.count >= limits.incidents,
            let idlest = incidents.min(by: { $0.value.activity < $1.value.activity })
        {
            counters.incidentsClosedForRoom += 1
            close(idlest.key, now: now, into: &alerts)
        }
        counters.incidents += 1
        let id = AlertID.of(finding, host: host)
        let severity = finding.severity(score: score)
        var incident = Incident(finding, id: id, severity: severity, score: score, now: now)
        incident.keys.append(key)
        byItem[key] = id
        _ = incident.add(finding, key: key, count: count, limit: limits.items)
        file(finding, under: id, in: &incident)
        incidents[id] = incident
        timed(id)
        announce(id, now: now, isPaced: false, into: &alerts)
        return alerts
    }

    private mutating func announce(_ id: String, now: Moment, isPaced: Bool, into alerts: inout [Alert]) {
        let alert = incidents[id]?.announce(now, host: host, isPaced: isPaced)
        timed(id)
        guard let alert else { return }
        counters.announcements += 1
        alerts.append(alert)
    }

    private mutating func close(_ id: String, now: Moment, into alerts: inout [Alert]) {
        guard let incident = incidents[id] else { return }
        if incident.due != nil { announce(id, now: now, isPaced: true, into: &alerts) }
        incidents[id] = nil
        timed(id)
        for key in incident.keys where byItem[key] == id { byItem[key] = nil }
        for key in incident.tree where byProcess[key] == id { byProcess[key] = nil }
    }

    /// Notes when an incident is to be looked at, after it has changed.
    private mutating func timed(_ id: String) {
        dues[id] = incidents[id].map { min($0.due ?? .max, $0.activity + limits.idle + 1) }
    }

    /// Lets later findings of the same process tree find the incident.
    private mutating func file(_ finding: Finding, under id: String, in incident: inout Incident) {
        for process in finding.tree {
            let key = TreeKey(container: finding.container.id, process: process)
            guard incident.tree.count < limits.processes || incident.tree.contains(key) else {
                counters.processesOmitted += 1
                continue
            }
            incident.tree.insert(key)
            byProcess[key] = id
        }
    }

    /// The open incident of the same process tree whose window `finding` falls into, the youngest of several.
    private func related(to finding: Finding) -> String? {
        let time = finding.time.bootNanoseconds
        var best: (id: String, novelty: UInt64)?
        for process in finding.tree {
            guard let id = byProcess[TreeKey(container: finding.container.id, process: process)],
                let novelty = incidents[id]?.latestNovelty,
                max(time, novelty) - min(time, novelty) <= limits.window, best.map({ novelty > $0.novelty }) ?? true
            else { continue }
            best = (id, novelty)
        }
        return best?.id
    }

    private mutating func addToScore(_ finding: Finding, key: ItemKey) -> Double {
        guard finding.rule.isBehaviour else { return 0 }
        let container = finding.container.id
        if scores[container] == nil, scores.count >= limits.containers,
            let oldest = scores.min(by: { $0.value.latest < $1.value.latest })
        {
            scores[oldest.key] = nil
            counters.containersForgotten += 1
        }
        return scores[container, default: ScoreWindow()]
            .add(key, points: finding.weight, at: finding.time.bootNanoseconds)
    }

    /// How many more times than was known.
    private mutating func occurrences(of finding: Finding, key: ItemKey) -> UInt64 {
        switch finding.occurrences {
        case .more(let count): return count
        case .total(let total, let counter, let before):
            let known = readings[counter]
            if known == nil, readings.count >= limits.counters {
                // Any one: which of them will be read again cannot be known.
                if let other = readings.keys.first { readings[other] = nil }
                counters.countersForgotten += 1
            }
            // A record may be older than a reading that was taken after it.
            readings[counter] = (max(total, known?.total ?? 0), key, finding.address)
            return total - min(total, known?.total ?? before)
        }
    }

    /// False if it was there before.
    private mutating func remember(_ key: HeldKey) -> Bool {
        guard !held.contains(key) else { return false }
        if held.count >= limits.held, let other = held.first {
            held.remove(other)
            counters.heldForgotten += 1
        }
        held.insert(key)
        return true
    }
}
