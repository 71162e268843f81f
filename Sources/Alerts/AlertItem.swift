// SPDX-License-Identifier: Apache-2.0
import Platform

/// One of the new things of an incident.
package struct AlertItem: Codable, Equatable, Sendable {
    package var rule: AlertRule
    package var item: FindingItem
    /// How often, exactly as far as the finding's counter is exact.
    package var count: UInt64
    package var first: WallTime
    package var last: WallTime
    /// What happened the first time.
    package var what: String
    package var weight: Double
    package var tier: Int?
    /// The process of the first time.
    package var pid: UInt32?
    package var executable: String?
    package var technique: AttackTechnique?
    /// Of a peer that is a name: the address of the first time.
    package var address: String?
    /// And how often which of its addresses, at most `addressLimit` of them.
    package private(set) var addresses: [String: UInt64]?

    private static let addressLimit = 16

    /// The item that `finding` brings, so far `count` times.
    init(_ finding: Finding, count: UInt64) {
        rule = finding.rule
        item = finding.item
        self.count = count
        first = finding.time.wall
        last = finding.time.wall
        what = SafeText.of(AlertSentence.what(finding), limit: 512)
        weight = finding.weight.isFinite ? max(0, finding.weight) : 0
        tier = finding.tier
        pid = finding.process?.tgid
        executable = finding.process.map { SafeText.of($0.executable, limit: 512) }
        technique = AttackTechnique(rule: finding.rule, item: finding.item)
        address = finding.address.map { SafeText.of($0, limit: 64) }
    }

    /// Counts it `more` times, at an address where it is a name.
    mutating func add(_ more: UInt64, at address: String?, _ wall: WallTime) {
        count = count.saturatingSum(more)
        last = max(last, wall)
        guard let address = address.map({ SafeText.of($0, limit: 64) }) else { return }
        var known = addresses ?? [:]
        guard known[address] != nil || known.count < Self.addressLimit else { return }
        known[address] = (known[address] ?? 0).saturatingSum(more)
        addresses = known
    }
}
