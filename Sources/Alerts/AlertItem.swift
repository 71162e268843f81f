// SPDX-License-Identifier: Apache-2.0

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
}
