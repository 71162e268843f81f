// SPDX-License-Identifier: Apache-2.0

/// One announcement of an incident, `ringfence.alert/v1`: one JSON line. An incident that grows is announced again under
/// the same id with a higher revision; the highest revision holds everything that the earlier ones did.
package struct Alert: Codable, Equatable, Sendable {
    /// Both clocks.
    package struct Time: Codable, Equatable, Sendable {
        package var wall: WallTime
        package var bootNanoseconds: UInt64
    }

    /// The format's name.
    package static let schema = "ringfence.alert/v1"

    package var schema: String
    package var id: String
    /// From 1.
    package var revision: Int
    package var host: AlertHost
    /// Of the incident's first finding.
    package var time: Time
    /// Of its latest.
    package var last: Time
    /// The gravest rule of all items, and its title.
    package var rule: AlertRule
    package var title: String
    package var severity: Severity
    /// The highest that the container's score was during the incident.
    package var score: Double
    package var container: AlertContainer
    /// Of the gravest finding, as are the following.
    package var process: AlertProcess?
    package var what: String
    package var why: String
    /// The call's arguments as hexadecimal text: numbers above 2^53 do not survive most readers of JSON.
    package var arguments: [String]
    package var profile: ProfileStanding?
    package var technique: AttackTechnique?
    /// At the latest finding.
    package var losses: AlertLosses
    /// Of all items together.
    package var count: UInt64
    /// In the order of their arrival.
    package var items: [AlertItem]
    /// Distinct items beyond the bound of one alert; their counts are part of `count`.
    package var itemsOmitted: Int
    /// Commands to go on with.
    package var next: [String]
    /// Set in an alert that somebody asked for to see whether it arrives.
    package var isTest: Bool?
}
