// SPDX-License-Identifier: Apache-2.0
import Platform

/// Novelties of one process tree that belong together, announced as one alert.
struct Incident {
    /// How long after an announcement the next one is due, if there is something to say. The last repeats for ever.
    static let pace: [UInt64] = [60_000_000_000, 600_000_000_000, 3_600_000_000_000]

    let id: String
    let first: Moment
    /// The gravest finding.
    private(set) var lead: Finding
    private(set) var severity: Severity
    private var score: Double
    private var items: [AlertItem] = []
    private var places: [ItemKey: Int] = [:]
    private var itemsOmitted = 0
    private(set) var count: UInt64 = 0
    private var last: Moment
    private var losses: AlertLosses
    /// Record time of the latest new item: the window in which others join.
    private(set) var latestNovelty: UInt64
    /// Boot time, by the caller's clock, of whatever happened last: an idle incident is closed.
    private(set) var activity: UInt64
    private var revision = 0
    private var paceStep = 0
    private var announced: UInt64 = 0
    private var hasNews = true
    /// What the book has filed it under, to be taken out when it is closed.
    var keys: [ItemKey] = []
    var tree: Set<TreeKey> = []

    init(_ finding: Finding, id: String, severity: Severity, score: Double, now: Moment) {
        self.id = id
        first = finding.time
        last = finding.time
        lead = finding
        self.severity = severity
        self.score = score
        losses = finding.losses
        latestNovelty = finding.time.bootNanoseconds
        activity = now.bootNanoseconds
    }

    /// Adds a new item. False if there is no room to keep it apart; it is counted all the same.
    mutating func add(_ finding: Finding, key: ItemKey, count: UInt64, limit: Int) -> Bool {
        let hasRoom = items.count < limit
        if hasRoom {
            // What nobody will see does not keep the window open: what comes a minute later is told by a new incident.
            latestNovelty = max(latestNovelty, finding.time.bootNanoseconds)
            paceStep = 0
            places[key] = items.count
            items.append(AlertItem(finding, count: 0))
        } else {
            itemsOmitted += 1
        }
        repeated(finding, key: key, count: count)
        return hasRoom
    }

    /// Counts an item again.
    mutating func repeated(_ finding: Finding, key: ItemKey, count: UInt64) {
        losses = finding.losses
        if finding.time.bootNanoseconds > last.bootNanoseconds { last = finding.time }
        raise(key: key, count: count, at: finding.address, wall: finding.time.wall)
    }

    /// Adds to an item's count what a counter says, of an address where the item is a name of several.
    mutating func raise(key: ItemKey, count more: UInt64, at address: String?, wall: WallTime) {
        guard more > 0 else { return }
        count = count.saturatingSum(more)
        if let place = places[key] { items[place].add(more, at: address, wall) }
        hasNews = true
    }

    /// Notes that something happened: keeps the incident open.
    mutating func touch(_ now: Moment) { activity = max(activity, now.bootNanoseconds) }

    /// Whether `finding` makes the incident graver: more severe, or of a graver rule. It then leads.
    mutating func rises(by finding: Finding, severity: Severity, score: Double) -> Bool {
        self.score = max(self.score, score)
        let isSeverer = severity > self.severity
        let isGraver = finding.rule.gravity > lead.rule.gravity
        self.severity = max(self.severity, severity)
        if isGraver { lead = finding }
        if isSeverer || isGraver { hasNews = true }
        return isSeverer || isGraver
    }

    /// When an announcement is due, in boot time; nil if there is nothing to say.
    var due: UInt64? { hasNews ? announced + Self.pace[min(paceStep, Self.pace.count - 1)] : nil }

    /// The alert as it is now, under the next revision. A paced one lengthens the pace.
    mutating func announce(_ now: Moment, host: AlertHost, isPaced: Bool) -> Alert {
        if isPaced { paceStep += 1 }
        revision += 1
        announced = now.bootNanoseconds
        hasNews = false
        let explain = "ringfence explain \(id)"
        return Alert(
            schema: Alert.schema, id: id, revision: revision, host: host, time: Self.time(first),
            last: Self.time(last), rule: lead.rule, title: lead.rule.title, severity: severity, score: score,
            container: lead.container, process: lead.process, what: AlertSentence.what(lead),
            why: AlertSentence.why(lead), arguments: lead.arguments.map { "0x" + String($0, radix: 16) },
            profile: lead.profile, technique: AttackTechnique(rule: lead.rule, item: lead.item), losses: losses,
            count: count, items: items, itemsOmitted: itemsOmitted,
            next: lead.rule.isAllowable ? [explain, "ringfence allow \(id) --reason ..."] : [explain],
            isTest: lead.rule == .test ? true : nil)
    }

    private static func time(_ moment: Moment) -> Alert.Time {
        Alert.Time(wall: moment.wall, bootNanoseconds: moment.bootNanoseconds)
    }
}

/// What makes two findings the same thing happening again, whatever process does it.
struct ItemKey: Hashable {
    let container: String
    let rule: AlertRule
    let item: FindingItem
    let executable: String?

    init(_ finding: Finding) {
        container = finding.container.id
        rule = finding.rule
        item = finding.item
        executable = finding.process?.executable
    }
}

/// One process of one container.
struct TreeKey: Hashable {
    let container: String
    let process: ProcessIdentity
}
