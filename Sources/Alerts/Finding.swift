// SPDX-License-Identifier: Apache-2.0

/// One novelty as the writer thread knows it: what an alert is made of.
package struct Finding: Equatable, Sendable {
    /// How often it has happened.
    package enum Occurrences: Equatable, Sendable {
        /// So many more times than the last finding of this item said.
        case more(UInt64)
        /// So many times in all by a counter of the kernel, which has a number of its own: records may be lost between two
        /// readings and the count is exact all the same. An earlier run has told `before` of them.
        case total(UInt64, counter: UInt64, before: UInt64 = 0)
    }

    package var rule: AlertRule
    package var item: FindingItem
    /// When it happened, by the record: a record that is judged twice has the same time both times.
    package var time: Moment
    package var container: AlertContainer
    /// nil for what is nobody's doing, as a loss.
    package var process: AlertProcess?
    /// nil if no profile is concerned.
    package var profile: ProfileStanding?
    /// The six arguments of a call, as numbers; empty if there are none.
    package var arguments: [UInt64]
    package var occurrences: Occurrences
    /// At that moment.
    package var losses: AlertLosses
    /// What the item adds to the score, the profile's maturity included.
    package var weight: Double
    /// Tier of the never-allow list; nil if it is not on it.
    package var tier: Int?
    /// One more sentence: why the call is on the never-allow list, how long the gap was. Escaped.
    package var detail: String?

    /// The address that was contacted, where the item names a host.
    package var address: String?

    /// Processes that started before this moment of boot time are not the container's: a shim is the parent of all that
    /// happens in a container, and ties nothing together.
    package var containerStart: UInt64 = 0

    /// The processes by which findings of one incident find each other.
    var tree: [ProcessIdentity] {
        guard let process else { return [] }
        let tree = process.tree.filter { $0.startNanoseconds >= containerStart || $0.pid == process.tgid }
        // The kernel's tables of peers and executions keep who was first, and not since when that process runs.
        return [.peer, .parent, .credential].contains(item.kind)
            ? tree + [ProcessIdentity(pid: process.tgid, startNanoseconds: 0)] : tree
    }

    /// A novelty that happened once; set what else is known.
    package init(
        rule: AlertRule, item: FindingItem, time: Moment, container: AlertContainer, process: AlertProcess? = nil,
        profile: ProfileStanding? = nil, arguments: [UInt64] = [], occurrences: Occurrences = .more(1),
        losses: AlertLosses = AlertLosses(), weight: Double = 0, tier: Int? = nil, detail: String? = nil
    ) {
        self.rule = rule
        self.item = item
        self.time = time
        self.container = container
        self.process = process
        self.profile = profile
        self.arguments = Array(arguments.prefix(6))
        self.occurrences = occurrences
        self.losses = losses
        self.weight = weight
        self.tier = tier
        self.detail = detail.map { SafeText.of($0, limit: 512) }
    }

    /// How severe it is by itself, with `score` as the sum of its container's last 60 s.
    package func severity(score: Double) -> Severity {
        guard rule.isBehaviour else { return rule.floor }
        if tier == 0 { return .critical }
        let isMonitored = profile?.isReady ?? true
        if tier == 1 { return isMonitored ? .critical : .warning }
        return isMonitored ? max(rule.floor, Severity(score: score)) : .notice
    }
}
