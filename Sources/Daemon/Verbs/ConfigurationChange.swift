// SPDX-License-Identifier: Apache-2.0

/// What a new configuration changes in a daemon that runs.
struct ConfigurationChange: Equatable {
    /// What holds from now on: the new one, as far as it can change.
    let applied: Configuration
    /// Keys that have changed, and those that only a restart changes, by name.
    let changed: [String]
    let needsRestart: [String]

    /// From what holds now to what was read.
    init(from old: Configuration, to read: Configuration) {
        var applied = old
        applied.window = read.window
        applied.share = read.share
        applied.epoch = read.epoch
        applied.warmUp = read.warmUp
        applied.alertsFile = read.alertsFile
        applied.alertsMaxSize = read.alertsMaxSize
        applied.alertsMaxAge = read.alertsMaxAge
        applied.journal = read.journal
        applied.program = read.program
        applied.minimumSeverity = read.minimumSeverity
        applied.metricsSocket = read.metricsSocket
        applied.metricsListen = read.metricsListen
        applied.weightsFile = read.weightsFile
        applied.riskWeights = read.riskWeights
        self.applied = applied
        func differing(_ left: Configuration, _ right: Configuration) -> [String] {
            ConfigurationKey.allCases.filter { $0.text(in: left) != $0.text(in: right) }.map { "\($0.rawValue)=" }
        }
        let keys = differing(old, applied)
        let weights = "\(ConfigurationKey.weightsFile.rawValue)="
        // The same file may say something else.
        changed = keys + (old.riskWeights != applied.riskWeights && !keys.contains(weights) ? [weights] : [])
        needsRestart = differing(applied, read)
    }
}
