// SPDX-License-Identifier: Apache-2.0
import Alerts
import Profiles

/// What follows from the profile of one key, as long as it stays as it is.
struct WatchedKey {
    /// The table that its containers have.
    let index: UInt32
    /// What the table was made of.
    let compiled: CompiledPolicy
    var standing: ProfileStanding
    /// What the weight of an item is multiplied by, 0 to 1.
    var maturity: Double
    /// Exec sessions that raise no alert: probes, and what people allowed.
    var sessions: [ProfileProbe]
}
